/** What needs files: `convlet/node`. @module */
export { decodeCheckpoint, encodeCheckpoint } from './formats/checkpointFile.ts';
export { decodeModel, encodeModel } from './formats/modelFile.ts';
export type { ModelFile, ModelSource } from './formats/source.ts';
export { writeFileAtomic } from './node/files.ts';
export { loadMnist, type MnistOptions } from './node/mnist.ts';
export { createReport, type RunReport } from './node/report.ts';
