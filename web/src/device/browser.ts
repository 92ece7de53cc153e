/** What kind of browser this is, for sentences that say where to tap; nothing else depends on it. */

export type BrowserKind = "ios" | "android" | "firefox" | "safari" | "chrome";

/** By the name a browser gives itself; one that is unknown is taken for Chrome, whose menus most share. */
export function browserKind(agent: string): BrowserKind {
  if (/iPhone|iPad|iPod/.test(agent)) return "ios";
  if (/Firefox\//.test(agent)) return /Android/.test(agent) ? "android" : "firefox";
  if (/Android/.test(agent)) return "android";
  return /Safari\//.test(agent) && !/Chrom(e|ium)\//.test(agent) ? "safari" : "chrome";
}

/** Whether the browser has what a panel cannot do without. */
export function canCarrySound(): boolean {
  return ["RTCPeerConnection", "AudioContext", "Worker"].every((name) => name in globalThis);
}
