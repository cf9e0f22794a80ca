/**
 * All kernel benches. To add one, add a row to the table of a file beside these, or write a file that lists its shapes at its
 * head and makes an `Operation` of each (operation.ts): the kernel's name, the shape for people, operations, tensors, the kernel's
 * call, the plain JavaScript call and the oracle's results. Then list the file here. A kernel with scratch, or one that
 * arithmetic limits, is a `Case` of its own, as in gemm.ts. To add only a shape, add a line to the list at the head of its file.
 * @module
 */
import type { Case } from '../case.ts';
import { activationCases } from './activations.ts';
import { affineCases } from './affine.ts';
import { averagePool2dCases } from './averagePool2d.ts';
import { batchNormCases } from './batchNorm.ts';
import { conv2dCases } from './conv2d.ts';
import { convReluPoolCases } from './convReluPool.ts';
import { denseCases } from './dense.ts';
import { dropoutCases } from './dropout.ts';
import { gatherCases } from './gather.ts';
import { gemmCases } from './gemm.ts';
import { groupNormCases } from './groupNorm.ts';
import { lossCases } from './losses.ts';
import { mathCases } from './math.ts';
import { maxPool2dCases } from './maxPool2d.ts';
import { mergeCases } from './merge.ts';
import { moveCases } from './moves.ts';
import { optimizerCases } from './optimizers.ts';

/** In the order of the table. */
export const cases: readonly Case[] = [
  ...gemmCases,
  ...conv2dCases,
  ...convReluPoolCases,
  ...denseCases,
  ...activationCases,
  ...maxPool2dCases,
  ...averagePool2dCases,
  ...batchNormCases,
  ...groupNormCases,
  ...dropoutCases,
  ...mergeCases,
  ...moveCases,
  ...lossCases,
  ...gatherCases,
  ...optimizerCases,
  ...mathCases,
  ...affineCases,
];
