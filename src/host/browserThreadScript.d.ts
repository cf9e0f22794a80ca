/** dist/browser/thread.js as a text. scripts/build.js writes the module. */
export declare const threadScript: string;
