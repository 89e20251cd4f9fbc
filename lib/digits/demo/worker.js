// The service worker of the page without a server: keeps the page's files, so that it works without a network. `make page` fills in the
// list and the version. Other pages of the same host have the same storage, so the name holds this page's own path.
"use strict";

const FILES = [];
const VERSION = "";
const OWN = `digits ${registration.scope} `;

addEventListener("install", event => {
  skipWaiting();
  event.waitUntil(caches.open(OWN + VERSION).then(cache => cache.addAll(FILES.map(file => new Request(file, { cache: "no-cache" })))));
});

addEventListener("activate", event => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith(OWN) && name !== OWN + VERSION) await caches.delete(name);
    await clients.claim();
  })());
});

addEventListener("fetch", event => {
  if (event.request.method !== "GET") return;
  event.respondWith((async () => {
    const kept = await (await caches.open(OWN + VERSION)).match(event.request, { ignoreSearch: true });
    return kept || fetch(event.request);
  })());
});
