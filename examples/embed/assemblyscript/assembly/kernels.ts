/**
 * The kernels that this program calls, as docs/abi.md tells them. A declared function is imported from a module named
 * after its file: `kernels`. Addresses are `usize`; the memory is the same, so an address of ours is one of theirs.
 */
export declare function abiVersion(): i32;
export declare function zero(y: usize, length: i32): void;
export declare function denseScratchBytes(batch: i32, inputs: i32, outputs: i32): i32;
export declare function denseForward(
  y: usize,
  x: usize,
  w: usize,
  b: usize,
  scratch: usize,
  batch: i32,
  inputs: i32,
  outputs: i32,
): void;
export declare function denseBackwardWeight(
  dw: usize,
  dy: usize,
  x: usize,
  scratch: usize,
  batch: i32,
  inputs: i32,
  outputs: i32,
): void;
export declare function denseBackwardBias(db: usize, dy: usize, batch: i32, outputs: i32): void;
export declare function softmaxCrossEntropy(
  losses: usize,
  dx: usize,
  x: usize,
  labels: usize,
  batch: i32,
  classes: i32,
  scale: f32,
): void;
export declare function argmax(indices: usize, x: usize, batch: i32, classes: i32): void;
export declare function sgd(w: usize, dw: usize, length: i32, learningRate: f32): void;
