/** Everything that needs files: `convlet/node`. @module */
export { decodeCheckpoint, encodeCheckpoint } from './formats/convlet/checkpointFile.ts';
export { decodeModel, encodeModel } from './formats/convlet/modelFile.ts';
export type { ModelFile, ModelSource } from './formats/convlet/source.ts';
export type { LoadedDataset, StreamedDataset } from './formats/dataset/divide.ts';
export type { LoadOptions } from './formats/dataset/loadOptions.ts';
export { loadDataset } from './node/data/loadDataset.ts';
export { writeFileAtomic } from './node/files.ts';
export { loadMnist, type MnistOptions } from './node/mnist.ts';
export { loadModel, saveModel } from './node/models.ts';
export { createReport } from './node/report/report.ts';
export type { RunReport } from './node/report/runReport.ts';
