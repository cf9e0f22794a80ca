/** Keeps the page. The build fills in the version and the files. */
const CACHE = 'convlet-demo-__VERSION__';
const FILES = ['__FILES__'];

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(FILES))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names
            .filter((name) => name.startsWith('convlet-demo-') && name !== CACHE)
            .map((name) => caches.delete(name)),
        ),
      )
      .then(() => self.clients.claim()),
  );
});

/** The page itself from the network while there is one, so that a new build is seen; its files, named by their content, from the cache. */
self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET') return;
  const kept = () => caches.match(request, { ignoreSearch: request.mode === 'navigate' });
  if (request.mode === 'navigate') {
    event.respondWith(fetch(request).catch(() => kept()));
  } else {
    event.respondWith(kept().then((response) => response ?? fetch(request)));
  }
});
