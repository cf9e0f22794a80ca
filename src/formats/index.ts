/** Models as bytes, and back: `convlet/formats`, for Node and for pages. Nothing here touches a file. @module */
export { decodeCheckpoint, encodeCheckpoint } from './checkpointFile.ts';
export { decodeModel, encodeModel } from './modelFile.ts';
export { encodeNpz } from './npz.ts';
export { encodeOnnx, type OnnxOptions } from './onnx.ts';
export { decodeSafetensors, encodeSafetensors, type Safetensors } from './safetensors.ts';
export type { ModelFile, ModelSource } from './source.ts';
export { encodeTfjs, type TfjsFiles } from './tfjs.ts';
