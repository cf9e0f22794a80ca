/** What the core needs of its host, in a page or a web worker. `node.ts` exports the same names. @module */

/** The bytes of the WebAssembly module that lies beside the compiled library. */
export async function readKernels(): Promise<Uint8Array<ArrayBuffer>> {
  const url = new URL('../kernels.wasm', import.meta.url); // a literal: bundlers look for just this
  const response = await fetch(url);
  if (!response.ok) {
    throw new Error(
      `kernels: expected ${url.href}, got HTTP status ${response.status}. Serve kernels.wasm beside the JavaScript.`,
    );
  }
  return new Uint8Array(await response.arrayBuffer());
}

/** Lets events and painting have their turn. A message costs 10 µs where nested timers wait 4 ms. */
export function yieldTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
