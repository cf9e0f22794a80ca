/**
 * Every kernel bench there is. To add one: a file beside these whose head lists its shapes, and which exports a `Case`
 * for each: the kernel's name, the shape for people, FLOPs or bytes, and `prepare`, which draws inputs in the
 * workspace and gives the kernel's call, the plain JavaScript one and the oracle's results. Then list it here. What
 * only wants another shape adds a line to the list at the head of its file.
 * @module
 */
import type { Case } from '../case.ts';
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
  ...elementwiseCases,
];
