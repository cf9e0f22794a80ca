/** Starts the page, and keeps it for times without a network. @module */
import 'uplot/dist/uPlot.min.css';
import { App } from './app.ts';
import { showFailure } from './failure.ts';
import { keepPage } from './offline.ts';

App.start().catch((error: unknown) => {
  showFailure(error);
  throw error;
});
keepPage();
