/** What was learnt, as files: for other programs, and as a page of one file that runs it. @module */
import type { ModelFile } from 'convlet/formats';
import { exporters } from '../exports.ts';
import { connectSaveButtons, type MakeFiles } from '../saveButtons.ts';
import { readyPage } from './ready/readyPage.ts';

/** What was learnt, and of pictures of which size. */
interface Learnt {
  readonly model: ModelFile;
  readonly side: number;
}

/** Connects the buttons; `current` is undefined before something was learnt. */
export function connectTake(current: () => Promise<Learnt | undefined>): void {
  const filesOf =
    (make: (learnt: Learnt) => ReturnType<MakeFiles>): MakeFiles =>
    async () => {
      const learnt = await current();
      if (learnt === undefined) throw new Error('Nothing is learnt yet: train first.');
      return make(learnt);
    };
  connectSaveButtons({
    'take-page': filesOf(async ({ model, side }) => [await readyPage(model, side)]),
    'take-safetensors': filesOf(({ model }) => exporters.safetensors(model)),
    'take-onnx': filesOf(({ model }) => exporters.onnx(model)),
    'take-npz': filesOf(({ model }) => exporters.npz(model)),
    'take-tfjs': filesOf(({ model }) => exporters.tfjs(model)),
  });
}
