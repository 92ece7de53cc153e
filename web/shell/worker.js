/**
 * Keeps the panel's own files, so that a phone that finds no appliance shows the panel's "no answer" and not the
 * browser's error. Never anything of the API, and never a page while the appliance answers.
 *
 * The build fills in VERSION and FILES. Each build has a cache of its own; the ones before are deleted.
 */

const VERSION = "__VERSION__";
const FILES = ["__FILES__"];
const CACHE = `shell-${VERSION}`;
/** The panel tries again by itself; a person at a blank page does not. */
const PATIENCE_MS = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil(keep().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (!url.pathname.startsWith("/api/")) event.respondWith(page(request));
  } else if (FILES.includes(url.pathname)) event.respondWith(file(request));
});

async function keep() {
  const cache = await caches.open(CACHE);
  await cache.addAll(FILES.map((name) => new Request(name, { cache: "reload" })));
  await cache.put("/", await marked(await fetch("/", { cache: "reload" })));
}

/** The page says of itself that it was kept: it then waits for the appliance and loads the real one. */
async function marked(response) {
  if (!response.ok) throw new Error(`the page answers ${response.status}`);
  const text = (await response.text()).replace("<html ", '<html data-kept="" ');
  const headers = new Headers(response.headers);
  for (const name of ["content-length", "content-encoding"]) headers.delete(name);
  return new Response(text, { headers });
}

async function forgetOthers() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("shell-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

async function page(request) {
  try {
    return await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch (error) {
    const kept = await caches.match("/", { cacheName: CACHE });
    if (kept === undefined) throw error;
    return kept;
  }
}

async function file(request) {
  return (await caches.match(request, { cacheName: CACHE })) ?? fetch(request);
}
