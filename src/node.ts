/** What needs files: `convlet/node`. @module */
export { decodeModel, encodeModel, type ModelFile } from './formats/modelFile.ts';
export { loadMnist, type MnistOptions } from './node/mnist.ts';
export { createReport, type RunReport } from './node/report.ts';
