/**
 * What the page may do, and the headers it is served with. The policy is also in the built page itself, for hosts that
 * send no headers; the isolation headers cannot be: without them the page trains on one thread.
 * @module
 */
import type { Plugin } from 'vite';

/** Everything from here and nothing from elsewhere; WebAssembly may be compiled, text may not. */
export const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Shared memory, and so threads, need a page that is cross-origin isolated. */
export const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** Writes the policy into the built page. The development server needs styles inside the page, and so goes without. */
export function contentSecurityPolicy(): Plugin {
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY },
        injectTo: 'head-prepend',
      },
    ],
  };
}
