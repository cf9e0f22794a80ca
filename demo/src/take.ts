/** The buttons that take something along. @module */
import type { Checkpoint, Dataset } from 'convlet';
import type { ModelFile } from 'convlet/formats';
import { byId, onClick, setText } from './dom.ts';
import { wordsOf } from './errors.ts';
import { checkpointFile, exporters, int8Exporters } from './exports.ts';
import type { Weights } from './pictures/forward.ts';
import { connectSaveButtons } from './saveButtons.ts';
import { type Recipe, snippetOf } from './snippet.ts';

/** What there is to take, at this moment. */
export interface Belongings extends Recipe {
  readonly weights: Weights;
  readonly checkpoint: Checkpoint | undefined;
  /** What it learns from. */
  readonly train: Dataset;
}

/**
 * Connects the buttons; `current` is undefined before there is a network.
 * @returns a function to call when the recipe is another: a program that is in sight becomes that one.
 */
export function connectTake(current: () => Belongings | undefined): () => void {
  const belongings = () => {
    const found = current();
    if (found === undefined) throw new Error('Nothing is there yet: wait for the digits.');
    return found;
  };
  const model = (): ModelFile => {
    const { spec, settings, weights, checkpoint, train } = belongings();
    const loss = checkpoint && { loss: checkpoint.loss };
    const { classNames } = train;
    return { spec, seed: settings.seed, weights, ...(classNames && { classNames }), ...loss };
  };
  connectSaveButtons({
    'export-weights': () => exporters.safetensors(model()),
    'export-f16': () => exporters.f16(model()),
    'export-bf16': () => exporters.bf16(model()),
    'export-int8': () => int8Exporters.safetensors(model(), belongings().train),
    'export-onnx': () => exporters.onnx(model()),
    'export-npz': () => exporters.npz(model()),
    'export-tfjs': () => exporters.tfjs(model()),
    'export-c': () => exporters.c(model()),
    'export-c-int8': () => int8Exporters.c(model(), belongings().train),
    'export-checkpoint': async () => {
      const { checkpoint } = belongings();
      if (checkpoint !== undefined) return [checkpointFile(checkpoint)];
      throw new Error('Nothing is trained yet: train a batch first.');
    },
  });
  const note = byId('take-note', HTMLElement);
  onClick('copy-snippet', async () => {
    try {
      await navigator.clipboard.writeText(snippetOf(belongings()));
      setText(note, 'Copied.');
    } catch (error) {
      setText(note, wordsOf(error));
    }
  });
  const details = byId('snippet-details', HTMLDetailsElement);
  const show = () => {
    const recipe = current();
    if (details.open && recipe) setText(byId('snippet', HTMLElement), snippetOf(recipe));
  };
  details.addEventListener('toggle', show);
  return show;
}
