/** What was learnt, as files: for other programs, and as a page of one file that runs it. @module */
import { encodeModel, encodeNpz, encodeOnnx, encodeTfjs, type ModelFile } from 'convlet/formats';
import { byId, setText } from '../dom.ts';
import { type Download, download } from '../download.ts';
import { readyPage } from './ready/readyPage.ts';
import { wordsOf } from './stage.ts';

/** Makes the files of a format. */
type Encode = (model: ModelFile, side: number) => Promise<Download[]> | Download[];

/** By the ids of the buttons. */
const exporters: Readonly<Record<string, Encode>> = {
  'take-page': async (model, side) => [await readyPage(model, side)],
  'take-safetensors': (model) => [{ name: 'model.safetensors', bytes: encodeModel(model) }],
  'take-onnx': async (model) => [{ name: 'model.onnx', bytes: await encodeOnnx(model) }],
  'take-npz': async (model) => [{ name: 'model.npz', bytes: await encodeNpz(model) }],
  'take-tfjs': (model) =>
    Object.entries(encodeTfjs(model)).map(([name, bytes]) => ({ name, bytes })),
};

/** A browser that is given two files at once may keep only one. */
const BETWEEN = 300;

/** Connects the buttons; `current` is undefined before something was learnt. */
export function connectTake(
  current: () => Promise<{ model: ModelFile; side: number } | undefined>,
): void {
  const note = byId('take-note', HTMLElement);
  for (const [id, encode] of Object.entries(exporters)) {
    byId(id, HTMLButtonElement).addEventListener('click', async () => {
      try {
        const found = await current();
        if (found === undefined) throw new Error('Nothing is learnt yet: train first.');
        const files = await encode(found.model, found.side);
        for (const [index, file] of files.entries()) {
          if (index > 0) await new Promise((resolve) => setTimeout(resolve, BETWEEN));
          download(file);
        }
        setText(note, `Saved ${files.map(({ name }) => name).join(' and ')}.`);
      } catch (error) {
        setText(note, wordsOf(error));
      }
    });
  }
}
