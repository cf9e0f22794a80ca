/** What draws the charts of the reports: Plot, and a document without a browser. @module */
import { importOptional } from '../../base/optional.ts';

export type Plot = typeof import('@observablehq/plot');
/** linkedom's document, as Plot's types ask for the DOM's. */
export type PlotDocument = NonNullable<NonNullable<Parameters<Plot['plot']>[0]>['document']>;

/** Loads both. @throws {Error} in one line, what to install, where one is absent. */
export async function loadCharts(): Promise<{ plot: Plot; document: PlotDocument }> {
  const plot = await importOptional(
    '@observablehq/plot@0.6.17',
    'report',
    () => import('@observablehq/plot'),
  );
  const { parseHTML } = await importOptional(
    'linkedom@0.18.15',
    'report',
    () => import('linkedom'),
  );
  return { plot, document: parseHTML('<!doctype html><html><body></body></html>').document };
}
