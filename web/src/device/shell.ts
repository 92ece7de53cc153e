/** The panel's own files kept on this device, and the page that was started from them. */

/**
 * Keeps them, where the browser trusts the appliance's certificate. Where it was only clicked through, browsers
 * refuse service workers: the panel then works without.
 */
export function keepShell(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  navigator.serviceWorker.register("/sw.js").catch(() => {});
}

/** This page came from the device because the appliance did not answer; it may be of an older build. */
export function isKept(): boolean {
  return document.documentElement.dataset["kept"] !== undefined;
}

/**
 * Loads the page without what is kept. The browser itself then says what is wrong, as when the appliance has a
 * new certificate that this device does not trust yet.
 */
export async function loadBare(): Promise<void> {
  const workers = (await navigator.serviceWorker?.getRegistrations().catch(() => [])) ?? [];
  await Promise.all(workers.map((worker) => worker.unregister()));
  location.reload();
}

/** Whether this page is a reload already: reloading again would not help. */
export function isReload(): boolean {
  const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return entry?.type === "reload";
}

/** Opened from an iPhone's home screen, where the microphone ends with the screen: a browser tab keeps it. */
export function isIosApp(): boolean {
  return (navigator as Navigator & { readonly standalone?: boolean }).standalone === true;
}
