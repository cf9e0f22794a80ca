/**
 * Convlet with its kernels inside the JavaScript, as base64: for a page in one file, or if a second file cannot be
 * served. It has the same exports as `convlet`, and base64 takes a third more bytes. Threads still start from a file,
 * thread.js.
 * @module
 */
export * from './index.ts';
export { createBackend } from './model/createInlineBackend.ts'; // replaces the createBackend of the line above
