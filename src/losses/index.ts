/** The factories of all losses: `losses.meanSquaredError()`. One line a file is the registry. @module */
export { binaryCrossentropy } from './binaryCrossentropy.ts';
export { categoricalCrossentropy } from './categoricalCrossentropy.ts';
export { huber } from './huber.ts';
export { meanAbsoluteError } from './meanAbsoluteError.ts';
export { meanSquaredError } from './meanSquaredError.ts';
