/** Builds the page into `dist`, and serves it with the headers that shared memory needs. @module */
import { defineConfig } from 'vite';
import { digits } from './vite/digits.ts';
import { offline } from './vite/offline.ts';
import { contentSecurityPolicy, HEADERS, POLICY } from './vite/policy.ts';

export default defineConfig({
  base: './',
  plugins: [digits(), contentSecurityPolicy(), offline()],
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  worker: { format: 'es' },
  server: { headers: HEADERS },
  preview: {
    host: 'localhost',
    port: 4173,
    headers: { ...HEADERS, 'Content-Security-Policy': POLICY },
  },
});
