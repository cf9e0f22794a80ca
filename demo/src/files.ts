/**
 * Files from outside: a checkpoint, weights, or a data set in IDX files, told apart by how they begin, not by their names.
 * @module
 */
import { type Checkpoint, type Dataset, parseIdxDataset, splitDataset } from 'convlet';
import { decodeCheckpoint } from 'convlet/formats';
import { type Digits, unpack } from './digits.ts';
import { byId } from './dom.ts';

export interface FileActions {
  onCheckpoint(checkpoint: Checkpoint, name: string): void;
  onDigits(digits: Digits): void;
  onError(message: string): void;
}

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
    else if (first !== undefined) {
      actions.onCheckpoint(decodeCheckpoint(first.bytes, first.name), first.name);
    }
  } catch (error) {
    actions.onError(error instanceof Error ? error.message : String(error));
  }
}

async function read(file: File): Promise<NamedBytes> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return { name: file.name, bytes: isGzip ? await unpack(file) : bytes };
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
