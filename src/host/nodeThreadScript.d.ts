/** src/thread.ts as one CommonJS script for Node. scripts/build.js writes the module. */
export declare const threadScript: string;
