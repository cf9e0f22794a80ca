/** What a file is, told by how it begins and not by its name. @module */
import { isPicture } from './pictureFile.ts';

export type FileKind =
  | 'images'
  | 'labels'
  | 'dataset'
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
/** Bytes at either end of an archive in which its files are named. */
const MOST_NAMES = 65_536;
/** A file of an archive that is a model: its network, or an array of its weights. */
const MODEL_FILE = /convlet\.json|\.(weight|bias)\.npy/;
/** A line of text that a comma, a semicolon or a tab divides. */
const CSV = /^[\t -\uffff]*[,;\t][\t -\uffff]*([\n\r]|$)/;

/** Undefined if the page knows no file that begins so. */
export function kindOf(bytes: Uint8Array): FileKind | undefined {
  const start = textAt(bytes, 0, 9);
  if (start.startsWith('\0\0\x08\x03')) return 'images';
  if (start.startsWith('\0\0\x08\x01')) return 'labels';
  if (isPicture(bytes)) return 'picture';
  if (start.slice(3, 8) === '\0'.repeat(5) && start[8] === '{') return kindOfTensors(bytes);
  if (start.startsWith('PK')) return kindOfArchive(bytes);
  if (/^\s*\{/.test(start)) return 'json';
  if (start.startsWith('\x08')) return 'onnx'; // protobuf's field 1, the version of the format
  return CSV.test(textAt(bytes, 0, MOST_HEADER)) ? 'dataset' : undefined;
}

/** The arrays of a model, or those of a data set. */
function kindOfArchive(bytes: Uint8Array): FileKind {
  const ends = textAt(bytes, 0, MOST_NAMES) + textAt(bytes, -MOST_NAMES, MOST_NAMES);
  return MODEL_FILE.test(ends) ? 'npz' : 'dataset';
}

/** A safetensors file: a length below 2²⁴ in 8 bytes, least byte first, then a header of JSON. */
function kindOfTensors(bytes: Uint8Array): FileKind {
  const [length = 0] = new Uint32Array(bytes.slice(0, 4).buffer);
  const header = textAt(bytes, 8, Math.min(length, MOST_HEADER));
  if (header.includes(CHECKPOINT_KEY)) return 'checkpoint';
  return header.includes(SPEC_KEY) ? 'model' : 'tensors';
}

/** @param start From the end if it is below 0. */
function textAt(bytes: Uint8Array, start: number, length: number): string {
  return new TextDecoder('latin1').decode(bytes.subarray(start).subarray(0, length));
}
