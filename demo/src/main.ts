/** Starts the page, and keeps it for times without a network. @module */
import 'uplot/dist/uPlot.min.css';
import { App } from './app.ts';
import { byId, setText } from './dom.ts';

App.start().catch((error: unknown) => {
  setText(byId('notice', HTMLElement), error instanceof Error ? error.message : String(error));
  throw error;
});

if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  navigator.serviceWorker
    .register('./serviceWorker.js')
    .then(() => navigator.serviceWorker.ready)
    .then(() => setText(byId('offline', HTMLElement), 'It works without a network from now on.'))
    .catch(() => {}); // a host without https: the page works while it is open
}
