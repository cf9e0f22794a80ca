/**
 * All kernel benches. To add one, write a file beside these that lists its shapes at its head and exports a `Case` for
 * each shape: the kernel's name, the shape for people, FLOPs or bytes, and `prepare`. `prepare` draws inputs in the
 * workspace and returns the kernel's call, the plain JavaScript call and the oracle's results. Then list the file here.
 * To add only a shape, add a line to the list at the head of its file.
 * @module
 */
import type { Case } from '../case.ts';
import { affineCases } from './affine.ts';
import { conv2dCases } from './conv2d.ts';
import { convReluPoolCases } from './convReluPool.ts';
import { denseCases } from './dense.ts';
import { elementwiseCases } from './elementwise.ts';
import { gatherCases } from './gather.ts';
import { gemmCases } from './gemm.ts';
import { maxPool2dCases } from './maxPool2d.ts';
import { reluCases } from './relu.ts';
import { softmaxCrossEntropyCases } from './softmaxCrossEntropy.ts';

/** In the order of the table. */
export const cases: readonly Case[] = [
  ...gemmCases,
  ...conv2dCases,
  ...convReluPoolCases,
  ...denseCases,
  ...reluCases,
  ...maxPool2dCases,
  ...softmaxCrossEntropyCases,
  ...gatherCases,
  ...affineCases,
  ...elementwiseCases,
];
