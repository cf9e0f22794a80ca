/** The packages that draw the charts of the reports: Plot, and a document without a browser. @module */
import { importOptional } from '../../base/optional.ts';

export type Plot = typeof import('@observablehq/plot');
/** The type of linkedom's document: Plot's types ask for a DOM document. */
export type PlotDocument = NonNullable<NonNullable<Parameters<Plot['plot']>[0]>['document']>;

/** Loads both packages. @throws {Error} in one line that tells what to install, if a package is absent. */
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
