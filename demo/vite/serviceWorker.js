/**
 * Keeps the site for times without a network, and sends the headers that threads need: a plain host of files sends none.
 * The build fills in the version and the files.
 */
/** Caches belong to an origin, where other sites may lie beside this one. */
const OWN = `convlet-demo ${self.registration.scope} `;
const CACHE = `${OWN}__VERSION__`;
const FILES = ['__FILES__'];

/** With these a page may have shared memory (docs/browser.md). Scripts of workers need them as their page does. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      // from the host itself: what a browser kept for a while may be of the release before
      .then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: 'reload' }))))
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
            .filter((name) => name.startsWith(OWN) && name !== CACHE)
            .map((name) => caches.delete(name)),
        ),
      )
      .then(() => self.clients.claim()),
  );
});

/** Pages from the network while there is one, so that a new build is seen; files, named by their content, from the cache. */
self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || new URL(request.url).origin !== self.location.origin) return;
  const kept = () => caches.match(request, { ignoreSearch: request.mode === 'navigate' });
  const answer =
    request.mode === 'navigate'
      ? fetch(request, { cache: 'no-cache' }).catch(
          async (error) => (await kept()) ?? Promise.reject(error),
        )
      : kept().then((response) => response ?? fetch(request));
  event.respondWith(answer.then(isolated));
});

/** The same answer with the headers. */
function isolated(response) {
  if (response.type === 'opaqueredirect' || response.status === 0) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(ISOLATION)) headers.set(name, value);
  const { status, statusText } = response;
  // these have no body, and may be given none
  const body = [204, 205, 304].includes(status) ? null : response.body;
  return new Response(body, { status, statusText, headers });
}
