/** The factories of all schedules: `schedules.step({ from: 0.1, factor: 0.5, every: 10 })`. One line a file is the registry. @module */
export { cosine } from './cosine.ts';
export { exponential } from './exponential.ts';
export { linear } from './linear.ts';
export { multiStep } from './multiStep.ts';
export { oneCycle } from './oneCycle.ts';
export { polynomial } from './polynomial.ts';
export { reduceOnPlateau } from './reduceOnPlateau.ts';
export { step } from './step.ts';
export { warmup } from './warmup.ts';
