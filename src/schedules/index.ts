/** The factories of all schedules: `schedules.step({ from: 0.1, factor: 0.5, every: 10 })`. One line a file is the registry. @module */
export { step } from './step.ts';
