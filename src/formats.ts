/** Turns models into bytes and back: `convlet/formats`, for Node and for pages. Nothing here touches a file. @module */
export { encodeC } from './formats/c/encode.ts';
export { decodeCheckpoint, encodeCheckpoint } from './formats/convlet/checkpointFile.ts';
export { loadModel } from './formats/convlet/loadModel.ts';
export { decodeModel, encodeModel } from './formats/convlet/modelFile.ts';
export type { ModelFile, ModelSource } from './formats/convlet/source.ts';
export { type DecodeOptions, decodeDataset } from './formats/dataset/decodeDataset.ts';
export type { LoadedDataset } from './formats/dataset/divide.ts';
export type { ImportedModel } from './formats/network/imported.ts';
export { decodeNpzModel, encodeNpz } from './formats/npz.ts';
export { decodeOnnx } from './formats/onnx/decode.ts';
export { encodeOnnx, type OnnxOptions } from './formats/onnx/encode.ts';
export {
  decodeSafetensors,
  encodeSafetensors,
  type Safetensors,
} from './formats/safetensors/safetensors.ts';
export { decodeStateDict } from './formats/safetensors/stateDict.ts';
export { decodeTfjs } from './formats/tfjs/decode.ts';
export { encodeTfjs, type TfjsFiles } from './formats/tfjs/encode.ts';
export type { WeightFiles } from './formats/tfjs/read/weights.ts';
export { Int8Model } from './model/int8/int8Model.ts';
export { quantizeModel } from './model/int8/quantizeModel.ts';
