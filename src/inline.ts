/**
 * Convlet with its kernels inside the JavaScript, as base64: for a page in one file, or if a second file cannot be
 * served, as in a bundle for Node. It has the same exports as `convlet`, and base64 takes a third more bytes. The script of a
 * thread is inside too.
 * @module
 */
export * from './index.ts';
export { createBackend } from './model/createInlineBackend.ts'; // replaces the createBackend of the line above
