/** Files that the browser keeps after the page is closed: `convlet/storage`. @module */
export { deleteFile, listFiles, loadFile, saveFile } from './storage/files.ts';
