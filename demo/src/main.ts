/** Starts the page, and keeps it for times without a network. @module */
import 'uplot/dist/uPlot.min.css';
import { App } from './app.ts';
import { showFailure } from './failure.ts';
import { keepPage } from './offline.ts';
import { createTheme } from './theme.ts';

App.start(createTheme()).catch((error: unknown) => {
  showFailure(error);
  throw error;
});
keepPage();
