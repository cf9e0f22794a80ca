/** What a file is, told by how it begins and not by its name. @module */
import { isPicture } from './pictureFile.ts';

export type FileKind =
  | 'images'
  | 'labels'
  | 'picture'
  | 'checkpoint'
  | 'model'
  | 'tensors'
  | 'npz'
  | 'json'
  | 'onnx';

export interface NamedFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly kind: FileKind | undefined;
}

/** In the header of a checkpoint (docs/formats.md), and not of a model alone. */
const CHECKPOINT_KEY = '"convlet.checkpoint"';
/** In the header of a model that says what its network is. */
const SPEC_KEY = '"convlet.spec"';
/** Bytes of a header that are looked at. */
const MOST_HEADER = 1_000_000;

/** Undefined if the page knows no file that begins so. */
export function kindOf(bytes: Uint8Array): FileKind | undefined {
  const start = textAt(bytes, 0, 9);
  if (start.startsWith('\0\0\x08\x03')) return 'images';
  if (start.startsWith('\0\0\x08\x01')) return 'labels';
  if (isPicture(bytes)) return 'picture';
  if (start.slice(3, 8) === '\0'.repeat(5) && start[8] === '{') return kindOfTensors(bytes);
  if (start.startsWith('PK')) return 'npz';
  if (/^\s*\{/.test(start)) return 'json';
  if (start.startsWith('\x08')) return 'onnx'; // protobuf's field 1, the version of the format
  return undefined;
}

/** A safetensors file: a length below 2²⁴ in 8 bytes, least byte first, then a header of JSON. */
function kindOfTensors(bytes: Uint8Array): FileKind {
  const [length = 0] = new Uint32Array(bytes.slice(0, 4).buffer);
  const header = textAt(bytes, 8, Math.min(length, MOST_HEADER));
  if (header.includes(CHECKPOINT_KEY)) return 'checkpoint';
  return header.includes(SPEC_KEY) ? 'model' : 'tensors';
}

function textAt(bytes: Uint8Array, start: number, length: number): string {
  return new TextDecoder('latin1').decode(bytes.subarray(start, start + length));
}
