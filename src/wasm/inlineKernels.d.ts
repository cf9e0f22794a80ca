/** The bytes of dist/kernels.wasm and dist/kernels.threads.wasm, as base64. scripts/build.js writes the module. */
export declare const kernels: string;
export declare const threads: string;
