/**
 * An AssemblyScript program over the kernels: one dense layer learns to read a display of seven segments. The program has
 * the layout of the memory, the loop and the data; the kernels compute every sum.
 */
import {
  abiVersion,
  argmax,
  denseBackwardBias,
  denseBackwardWeight,
  denseForward,
  denseScratchBytes,
  sgd,
  softmaxCrossEntropy,
  zero,
} from './kernels';

const DIGITS: i32 = 10;
const SEGMENTS: i32 = 7;
const WEIGHTS: i32 = DIGITS * SEGMENTS;
const PARAMETERS: i32 = WEIGHTS + DIGITS;

/** Which segments are lit for each digit, segment a the lowest bit. */
const LIT: StaticArray<u8> = [0x3f, 0x06, 0x5b, 0x4f, 0x66, 0x6d, 0x7d, 0x07, 0x7f, 0x6f];

const x = f32s(DIGITS * SEGMENTS);
const labels = f32s(DIGITS);
const parameters = f32s(PARAMETERS);
const gradients = f32s(PARAMETERS);
const y = f32s(DIGITS * DIGITS);
const dy = f32s(DIGITS * DIGITS);
const losses = f32s(DIGITS);
const scratch = heap.alloc(denseScratchBytes(DIGITS, SEGMENTS, DIGITS));

/** Room for `length` f32 or i32. The stub runtime's heap aligns to 16 bytes. */
function f32s(length: i32): usize {
  return heap.alloc((<usize>length) << 2);
}

/** Element i of a block of f32 or i32. */
function at(block: usize, i: i32): usize {
  return block + ((<usize>i) << 2);
}

/** Learns from weights of 0. @returns the mean loss before the last step, or −1 if the kernels have another ABI */
export function train(steps: i32, learningRate: f32): f32 {
  if (abiVersion() !== 1) return -1;
  for (let digit = 0; digit < DIGITS; digit++) {
    show(at(x, digit * SEGMENTS), LIT[digit]);
    store<i32>(at(labels, digit), digit);
  }
  zero(parameters, PARAMETERS);
  for (let step = 0; step < steps; step++) {
    forward(DIGITS);
    softmaxCrossEntropy(losses, dy, y, labels, DIGITS, DIGITS, 1.0 / <f32>DIGITS);
    zero(gradients, PARAMETERS);
    denseBackwardWeight(gradients, dy, x, scratch, DIGITS, SEGMENTS, DIGITS);
    denseBackwardBias(at(gradients, WEIGHTS), dy, DIGITS, DIGITS);
    sgd(parameters, gradients, PARAMETERS, learningRate);
  }
  let sum: f32 = 0;
  for (let digit = 0; digit < DIGITS; digit++) sum += load<f32>(at(losses, digit));
  return sum / <f32>DIGITS;
}

/** The digit that these segments show, as far as it has learned. */
export function read(lit: i32): i32 {
  show(x, <u8>lit);
  forward(1);
  argmax(labels, y, 1, DIGITS);
  return load<i32>(labels);
}

function forward(batch: i32): void {
  denseForward(y, x, parameters, at(parameters, WEIGHTS), scratch, batch, SEGMENTS, DIGITS);
}

/** Segments as numbers: 1 is lit. */
function show(row: usize, lit: u8): void {
  for (let segment = 0; segment < SEGMENTS; segment++) {
    store<f32>(at(row, segment), <f32>((lit >> <u8>segment) & 1));
  }
}
