/**
 * Files from outside: a checkpoint, a model (safetensors, ONNX), a picture, or a data set in IDX files, told apart by how
 * they begin, not by their names.
 * @module
 */
import { type Checkpoint, type Dataset, parseIdxDataset, splitDataset } from 'convlet';
import { decodeCheckpoint, decodeModel, type ModelFile } from 'convlet/formats';
import { type Digits, unpack } from './digits.ts';
import { byId } from './dom.ts';
import { digitOf, isPicture } from './pictureFile.ts';

export interface FileActions {
  onCheckpoint(checkpoint: Checkpoint, name: string): void;
  onModel(model: ModelFile, name: string): void;
  /** A digit of 28×28 pixels. */
  onPicture(digit: Uint8Array, name: string): void;
  onDigits(digits: Digits): void;
  onError(message: string): void;
}

/** In the header of a checkpoint (docs/formats.md), and not of a model alone. */
const CHECKPOINT_KEY = '"convlet.checkpoint"';
/** Bytes of a header that are looked at. */
const MOST_HEADER = 1_000_000;

interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Takes files that are dropped on the page or chosen. */
export function connectFiles(actions: FileActions): void {
  const veil = byId('drop', HTMLElement);
  const input = byId('files', HTMLInputElement);
  let depth = 0; // dragenter and dragleave come from every element on the way
  const show = (change: number) => {
    depth = Math.max(0, depth + change);
    veil.hidden = depth === 0;
  };
  addEventListener('dragenter', (event) => {
    if (event.dataTransfer?.types.includes('Files')) show(1);
  });
  addEventListener('dragleave', () => show(-1));
  addEventListener('dragover', (event) => event.preventDefault());
  addEventListener('drop', (event) => {
    event.preventDefault();
    show(-depth);
    void take([...(event.dataTransfer?.files ?? [])], actions);
  });
  byId('open-files', HTMLButtonElement).addEventListener('click', () => input.click());
  input.addEventListener('change', () => {
    void take([...(input.files ?? [])], actions);
    input.value = '';
  });
}

/** Reads what the files are, and hands it on. */
async function take(files: readonly File[], actions: FileActions): Promise<void> {
  if (files.length === 0) return;
  try {
    const all = await Promise.all(files.map(read));
    const idx = all.filter(({ bytes }) => idxKind(bytes) !== undefined);
    const [first] = all;
    if (idx.length > 0) actions.onDigits(digitsOf(idx));
    else if (first !== undefined) await takeOne(first, actions);
  } catch (error) {
    actions.onError(error instanceof Error ? error.message : String(error));
  }
}

/** A file that is taken alone: a picture, a model, or a checkpoint. */
async function takeOne({ name, bytes }: NamedBytes, actions: FileActions): Promise<void> {
  if (isPicture(bytes)) actions.onPicture(await digitOf(bytes, name), name);
  else if (isOnnx(bytes)) {
    throw new Error(
      `${name}: expected a file that this page reads, got ONNX, which it writes only. Drop the checkpoint or the weights (safetensors) of the same network.`,
    );
  } else if (isModel(bytes)) actions.onModel(decodeModel(bytes, name), name);
  else actions.onCheckpoint(decodeCheckpoint(bytes, name), name);
}

/** Whether it is a model as safetensors, and no checkpoint, which has a model in it. */
function isModel(bytes: Uint8Array): boolean {
  if (bytes.length < 16) return false;
  const [length = 0] = new Uint32Array(bytes.slice(0, 4).buffer); // of the header, least byte first
  const head = textAt(bytes, 8, Math.min(length, MOST_HEADER));
  const isCheckpoint = head.includes(CHECKPOINT_KEY);
  return head.startsWith('{') && head.includes('"convlet.spec"') && !isCheckpoint;
}

/** Protobuf's field 1, the version of the format, and the producer's name behind it. */
function isOnnx(bytes: Uint8Array): boolean {
  return bytes[0] === 0x08 && /onnx|convlet|pytorch/i.test(textAt(bytes, 2, 64));
}

function textAt(bytes: Uint8Array, start: number, length: number): string {
  return new TextDecoder('latin1').decode(bytes.subarray(start, start + length));
}

async function read(file: File): Promise<NamedBytes> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return { name: file.name, bytes: isGzip ? await unpack(file, file.name) : bytes };
}

/** `0x00000803` begins a file of images, `0x00000801` one of labels. */
function idxKind(bytes: Uint8Array): 'images' | 'labels' | undefined {
  if (bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== 8) return undefined;
  return bytes[3] === 3 ? 'images' : bytes[3] === 1 ? 'labels' : undefined;
}

/** Two files are split; of four, those that say `train` in their names are for training. */
function digitsOf(files: readonly NamedBytes[]): Digits {
  const isTraining = ({ name }: NamedBytes) => /train/i.test(name);
  if (files.length === 4 && files.filter(isTraining).length === 2) {
    return {
      train: datasetOf(files.filter(isTraining)),
      test: datasetOf(files.filter((file) => !isTraining(file))),
    };
  }
  const all = datasetOf(files);
  return splitDataset(all, Math.min(1000, Math.ceil(all.labels.length / 10)), 1);
}

function datasetOf(files: readonly NamedBytes[]): Dataset {
  const images = files.find(({ bytes }) => idxKind(bytes) === 'images');
  const labels = files.find(({ bytes }) => idxKind(bytes) === 'labels');
  if (files.length !== 2 || images === undefined || labels === undefined) {
    const names = files.map(({ name }) => name).join(', ');
    throw new Error(
      `IDX: expected a file of images and one of labels, or four with train in the names of two, got ${names}. Drop them together.`,
    );
  }
  const classes = labels.bytes.subarray(8).reduce((most, label) => Math.max(most, label), 0) + 1;
  return parseIdxDataset(images, labels, classes, images.name.replace(/[-.](images|idx).*$/, ''));
}
