/** Files kept in the browser, which outlive the page: `convlet/storage`. @module */
export { deleteFile, listFiles, loadFile, saveFile } from './storage/files.ts';
