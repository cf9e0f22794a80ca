/**
 * Convlet with its kernels inside the JavaScript, as base64: for a page in one file, or where a second file cannot be
 * served. The same exports as `convlet`, a third more bytes. Threads still start from a file, thread.js.
 * @module
 */
export * from './index.ts';
export { createBackend } from './model/createInlineBackend.ts'; // hides the one among the exports above
