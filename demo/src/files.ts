/** Files from outside: a checkpoint, a model, a picture, or a data set. @module */
import type { Checkpoint, ModelSpec } from 'convlet';
import { decodeCheckpoint, decodeModel, type ImportedModel, type ModelFile } from 'convlet/formats';
import { type Digits, unpack } from './digits.ts';
import { byId, onClick } from './dom.ts';
import { wordsOf } from './errors.ts';
import { kindOf, type NamedFile } from './fileKind.ts';
import { digitOf } from './pictureFile.ts';

/** A model of a file; that of another program has no seed. */
export type FoundModel = Pick<ModelFile, 'spec' | 'weights'> & Partial<Pick<ModelFile, 'seed'>>;

export interface FileActions {
  onCheckpoint(checkpoint: Checkpoint, name: string): void;
  onModel(model: FoundModel, name: string): void;
  /** A digit of 28×28 pixels. */
  onPicture(digit: Uint8Array, name: string): void;
  /** @param path What `loadDataset` is given to read the same; undefined for IDX files. */
  onDigits(digits: Digits, name: string, path: string | undefined): void;
  /** What is wrong with a file, or that it is being read. */
  onNotice(message: string): void;
  /** Networks that weights without one may belong to. */
  networks(): readonly ModelSpec[];
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
  onClick('open-files', () => input.click());
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
    const idx = all.filter(({ kind }) => kind === 'images' || kind === 'labels');
    const sets = idx.length > 0 ? idx : all.filter(({ kind }) => kind === 'dataset');
    const model = all.find(({ kind }) => kind === 'json'); // its weights come with it
    const one = model ?? all[0];
    const belong = sets.length > 0 ? sets.length : model === undefined ? 1 : all.length;
    if (belong < all.length) {
      const names = all.map(({ name }) => name).join(', ');
      throw new Error(
        `${names}: expected one file, or those of one data set or of one LayersModel, got ${all.length} that do not belong together. Take one after another.`,
      );
    }
    if (sets.length > 0) await takeDataset(sets, idx.length > 0, actions);
    else if (one !== undefined) {
      const others = all.filter((file) => file !== one);
      await takeOne(one, others, actions);
    }
  } catch (error) {
    actions.onNotice(wordsOf(error));
  }
}

/** Data sets that were given, up to now. */
let reading = 0;

/** A data set to learn from: IDX files, or those that `loadDataset` reads. */
async function takeDataset(
  files: readonly NamedFile[],
  areIdx: boolean,
  actions: FileActions,
): Promise<void> {
  const name = files.map((file) => file.name).join(', ');
  const turn = ++reading;
  actions.onNotice(`Reading ${name} …`);
  const { readDataset } = await import('./dataset/read.ts');
  const digits = await readDataset(files);
  if (turn !== reading) return; // others were given meanwhile, and were read sooner
  const path = files.length === 1 ? name : 'DIR';
  actions.onDigits(digits, name, areIdx ? undefined : path);
}

/** A picture, a checkpoint or a model; `others` were dropped with it. */
async function takeOne(
  file: NamedFile,
  others: readonly NamedFile[],
  actions: FileActions,
): Promise<void> {
  const { name, bytes, kind } = file;
  if (kind === 'picture') actions.onPicture(await digitOf(bytes, name), name);
  else if (kind === 'checkpoint') actions.onCheckpoint(decodeCheckpoint(bytes, name), name);
  else if (kind === 'model') actions.onModel(decodeModel(bytes, name), name);
  else actions.onModel(await importedModel(file, others, actions.networks()), name);
}

/** The model of another program. */
async function importedModel(
  file: NamedFile,
  others: readonly NamedFile[],
  networks: readonly ModelSpec[],
): Promise<ImportedModel> {
  const { name, bytes, kind } = file;
  const importers = await import('./importers.ts');
  if (kind === 'onnx') return importers.decodeOnnx(bytes, name);
  if (kind === 'json') return importers.layersModelOf(file, others);
  if (kind === 'npz') return importers.npzModelOf(file, networks);
  if (kind === 'tensors') return importers.tensorsModelOf(file, networks);
  throw new Error(
    `${name}: expected a model, a checkpoint, a picture or a data set (.npz, .csv, IDX), got none of them. Use one of these.`,
  );
}

async function read(file: File): Promise<NamedFile> {
  const { name } = file;
  const packed = new Uint8Array(await file.arrayBuffer());
  const isGzip = packed[0] === 0x1f && packed[1] === 0x8b;
  const bytes = isGzip ? await unpack(file, name) : packed;
  return { name, bytes, kind: kindOf(bytes) };
}
