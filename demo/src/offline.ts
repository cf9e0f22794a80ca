/** Keeps the page for times without a network, and gives it threads where its host sends no headers for them. @module */
import { byId, setText } from './dom.ts';

/** Registers the service worker of the built page, and says what it is good for. */
export function keepPage(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  navigator.serviceWorker
    .register('./serviceWorker.js')
    .then(() => navigator.serviceWorker.ready)
    .then(() => {
      const threads = crossOriginIsolated ? '' : ' Load it once more to train on several threads.';
      setText(byId('offline', HTMLElement), `It works without a network from now on.${threads}`);
    })
    .catch(() => {}); // a host without https: the page works while it is open
}
