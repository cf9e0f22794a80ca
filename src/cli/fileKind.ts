/** What a file is that is not what a command reads, as its first bytes tell; and what to do with it. @module */
import type { ModelSpec } from '../compile/spec.ts';
import { parseSpec } from '../formats/convlet/content.ts';
import { checkOrdinary, MOST_TEXT_BYTES, readInput, readStart } from '../node/files.ts';
import { readTensorFile } from '../node/tensorFile.ts';
import { quoted } from './style.ts';

/** A kind of files. */
export interface FileKind {
  /** With its article. */
  readonly what: string;
  /** What makes a file out of it that `convlet import` reads; undefined if nothing does. */
  readonly remedy?: string;
  /** That of a model. */
  readonly format?: ModelFormat;
}

/** The formats that `convlet import` reads. */
export type ModelFormat = 'onnx' | 'tfjs' | 'npz' | 'safetensors';

/** So many bytes tell a kind: the first names in the JSON of a LayersModel are among them. */
const START_BYTES = 4096;

/** How files begin. */
const STARTS: readonly (readonly [start: string, kind: FileKind])[] = [
  [
    '\x89HDF',
    {
      what: 'an HDF5 file of Keras',
      remedy: 'Convert it with tensorflowjs_converter --input_format keras',
    },
  ],
  [
    '\x80\x02',
    { what: 'a pickle', remedy: 'Save the state dict with safetensors.torch.save_file' },
  ],
  ['\x1f\x8b', { what: 'a gzip file', remedy: 'Unpack it' }],
  ['PK', { what: 'a zip archive, such as an .npz', format: 'npz' }],
  ['\x89PNG', { what: 'a picture' }],
  ['\xff\xd8\xff', { what: 'a picture' }],
  ['<', { what: 'HTML' }],
];

/** JSON that is no LayersModel. */
export const JSON_TEXT: FileKind = { what: 'JSON' };

/** The kind of a file by its first bytes; undefined if they tell none. */
export function kindOf(bytes: Uint8Array): FileKind | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, START_BYTES));
  if (isSafetensors(start)) return { what: 'a safetensors file', format: 'safetensors' }; // first: its length may look like the beginning of any other kind
  const known = STARTS.find(([magic]) => start.startsWith(magic))?.[1];
  if (known !== undefined) return known;
  if (isOnnx(bytes)) return { what: 'an ONNX file', format: 'onnx' };
  if (/^\s*\{/.test(start)) {
    return start.includes('"modelTopology"')
      ? { what: 'a LayersModel of TensorFlow.js', format: 'tfjs' }
      : JSON_TEXT;
  }
  return /^[\s!-~]{5}/.test(start) ? { what: 'a text' } : undefined;
}

/** A length below 2²⁴ in 8 bytes, least byte first, then JSON. */
function isSafetensors(start: string): boolean {
  return start.slice(3, 8) === '\0'.repeat(5) && start[8] === '{';
}

/** The version of the format, field 1, and the name of the program that wrote it, field 2. */
function isOnnx([first, version = 0, second]: Uint8Array): boolean {
  return first === 0x08 && version < 0x20 && second === 0x12;
}

/** The bytes of a safetensors file. @throws {Error} that names what another file is, and the command that reads it. */
export async function readTensors(file: string): Promise<Uint8Array> {
  await checkOrdinary(file);
  const kind = kindOf(await readStart(file, START_BYTES));
  if (kind !== undefined && kind.format !== 'safetensors') {
    throw wrongKind(file, 'a model.safetensors or checkpoint.convlet of convlet train', kind);
  }
  return readTensorFile(file);
}

/** The network in a JSON file. @throws {Error} that names the command that reads a LayersModel. */
export async function readSpecFile(file: string): Promise<ModelSpec> {
  const bytes = await readInput(file, { most: MOST_TEXT_BYTES });
  const kind = kindOf(bytes);
  if (kind?.format !== undefined) throw wrongKind(file, 'a network as JSON', kind);
  return parseSpec(new TextDecoder().decode(bytes), file);
}

function wrongKind(file: string, expected: string, { what, remedy, format }: FileKind): Error {
  const command = `Run: convlet import ${quoted(file)} --out model.safetensors`;
  const advice = format ? command : `${remedy ?? 'Use another file'}.`;
  return new Error(`${file}: expected ${expected}, got ${what}. ${advice}`);
}
