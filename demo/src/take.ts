/** The buttons that take something along. @module */
import type { Checkpoint } from 'convlet';
import { byId, setText } from './dom.ts';
import { download } from './download.ts';
import { checkpointFile, exporters } from './exports.ts';
import type { Weights } from './pictures/forward.ts';
import { type Recipe, snippetOf } from './snippet.ts';

/** What there is to take, at this moment. */
export interface Belongings extends Recipe {
  readonly weights: Weights;
  readonly checkpoint: Checkpoint | undefined;
}

/** Connects the buttons; `current` is undefined before there is a network. */
export function connectTake(current: () => Belongings | undefined): void {
  const belongings = () => {
    const found = current();
    if (found === undefined) throw new Error('Nothing is there yet: wait for the digits.');
    return found;
  };
  const onClick = (id: string, act: () => Promise<void> | void) => {
    byId(id, HTMLButtonElement).addEventListener('click', async () => {
      try {
        await act();
      } catch (error) {
        setText(note, error instanceof Error ? error.message : String(error));
      }
    });
  };
  const note = byId('take-note', HTMLElement);
  const model = () => {
    const { spec, settings, weights, checkpoint } = belongings();
    const loss = checkpoint && { loss: checkpoint.loss };
    return { spec, seed: settings.seed, weights, ...loss };
  };
  onClick('export-weights', async () => download(await exporters.weights(model())));
  onClick('export-onnx', async () => download(await exporters.onnx(model())));
  onClick('export-checkpoint', () => {
    const { checkpoint } = belongings();
    if (checkpoint === undefined) setText(note, 'Nothing is trained yet: train a batch first.');
    else download(checkpointFile(checkpoint));
  });
  onClick('copy-snippet', async () => {
    await navigator.clipboard.writeText(snippetOf(belongings()));
    setText(note, 'Copied.');
  });
  const details = byId('snippet-details', HTMLDetailsElement);
  details.addEventListener('toggle', () => {
    if (details.open) setText(byId('snippet', HTMLElement), snippetOf(belongings()));
  });
}
