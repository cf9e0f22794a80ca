/**
 * Builds the pages into `dist`, and serves them with the headers that shared memory needs. In mode `site` the documentation is
 * built too, and all of it goes into the folder `site` of the repository.
 * @module
 */
import { defineConfig } from 'vite';
import { digits } from './vite/digits.ts';
import { docs } from './vite/docs.ts';
import { offline } from './vite/offline.ts';
import { contentSecurityPolicy, HEADERS, POLICY } from './vite/policy.ts';
import { readyPage } from './vite/readyPage.ts';

/** What draws the charts of bench.html: apart, and named, so that the page of the digits leaves it alone. */
const PLOT = /node_modules\/(@observablehq|d3|internmap|isoformat|interval-tree|binary-search)/;

export default defineConfig(({ mode }) => ({
  base: './',
  plugins: [
    digits(),
    readyPage(),
    contentSecurityPolicy(),
    ...(mode === 'site' ? [docs()] : []),
    offline(),
  ],
  build: {
    ...(mode === 'site' && { outDir: '../site', emptyOutDir: true }),
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: ['index.html', 'bench.html', 'learn.html'],
      output: { codeSplitting: { groups: [{ name: 'bench-charts', test: PLOT }] } },
    },
  },
  worker: { format: 'es' },
  server: { headers: HEADERS },
  preview: {
    host: 'localhost',
    port: 4173,
    headers: { ...HEADERS, 'Content-Security-Policy': POLICY },
  },
}));
