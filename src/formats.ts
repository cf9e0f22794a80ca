/** Turns models into bytes and back: `convlet/formats`, for Node and for pages. Nothing here touches a file. @module */
export { decodeCheckpoint, encodeCheckpoint } from './formats/convlet/checkpointFile.ts';
export { loadModel } from './formats/convlet/loadModel.ts';
export { decodeModel, encodeModel } from './formats/convlet/modelFile.ts';
export type { ModelFile, ModelSource } from './formats/convlet/source.ts';
export { encodeNpz } from './formats/npz.ts';
export { encodeOnnx, type OnnxOptions } from './formats/onnx/encode.ts';
export {
  decodeSafetensors,
  encodeSafetensors,
  type Safetensors,
} from './formats/safetensors/safetensors.ts';
export { encodeTfjs, type TfjsFiles } from './formats/tfjs/encode.ts';
