/** The factories of all losses: `losses.meanSquaredError()`. One line a file is the registry. @module */
export { categoricalCrossentropy } from './categoricalCrossentropy.ts';
export { meanSquaredError } from './meanSquaredError.ts';
