/** All metrics. The registry has one line per file. @module */
export { accuracy } from './accuracy.ts';
export { meanAbsoluteError, meanSquaredError } from './errors.ts';
export { macroF1 } from './macroF1.ts';
export { top5 } from './top5.ts';
