/** Builds the page into `dist`, and serves it with the headers that shared memory needs. @module */
import { defineConfig } from 'vite';
import { digits } from './vite/digits.ts';
import { offline } from './vite/offline.ts';
import { contentSecurityPolicy, HEADERS, POLICY } from './vite/policy.ts';

/** What draws the charts of bench.html: apart, and named, so that the page of the digits leaves it alone. */
const PLOT = /node_modules\/(@observablehq|d3|internmap|isoformat|interval-tree|binary-search)/;

export default defineConfig({
  base: './',
  plugins: [digits(), contentSecurityPolicy(), offline()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: ['index.html', 'bench.html'],
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
});
