/**
 * Every kernel bench there is. To add one, write a file beside these that exports its cases, and list it here.
 * @module
 */
import type { Case } from '../case.ts';
import { conv2dCases } from './conv2d.ts';
import { denseCases } from './dense.ts';
import { elementwiseCases } from './elementwise.ts';
import { gatherCases } from './gather.ts';
import { gemmCases } from './gemm.ts';
import { maxPool2dCases } from './maxPool2d.ts';
import { reluCases } from './relu.ts';
import { softmaxCrossEntropyCases } from './softmaxCrossEntropy.ts';

export const cases: readonly Case[] = [
  ...gemmCases,
  ...conv2dCases,
  ...denseCases,
  ...reluCases,
  ...maxPool2dCases,
  ...softmaxCrossEntropyCases,
  ...gatherCases,
  ...elementwiseCases,
];
