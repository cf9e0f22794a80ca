/** The program that the demo shows, for runs that the page itself cannot set up. */
import { losses, namedModels, optimizers } from 'convlet';
import { describe, expect, it } from 'vitest';
import { THESIS } from '../../demo/src/settings.ts';
import { type Recipe, snippetOf } from '../../demo/src/snippet.ts';

const spec = namedModels.reference?.([1, 28, 28], 10);
if (spec === undefined) throw new Error('expected the network reference');

const RECIPE: Recipe = {
  spec,
  settings: THESIS,
  optimizer: optimizers.sgd({ learningRate: 0.01 }),
  augment: undefined,
  earlyStopping: undefined,
  trainSamples: undefined,
  isBundled: false,
  path: undefined,
  checkpoint: undefined,
};

describe('the program', () => {
  it('takes as many pictures as the page, from wherever they come', () => {
    const of = (part: Partial<Recipe>) => snippetOf({ ...RECIPE, ...part });
    expect(of({ isBundled: true, trainSamples: 100 })).toContain(
      'loadMnist({\n  trainSamples: 100,\n});',
    );
    const idx = of({ trainSamples: 500 });
    expect(idx).toContain(
      "loadMnist({\n  // the four files of MNIST, by their names\n  data: 'DIR',\n  trainSamples: 500,\n});",
    );
    expect(of({ path: 'my set.csv' })).toContain('loadDataset("my set.csv", { channels: 1 });');
    expect(of({ path: 'a.npz', trainSamples: 270 })).toContain(
      'loadDataset("a.npz", { trainSamples: 270, channels: 1 });',
    );
  });

  it('has what a checkpoint goes on with and the page cannot set', () => {
    const loss = losses.categoricalCrossentropy({ labelSmoothing: 0.1 });
    const text = snippetOf({
      ...RECIPE,
      earlyStopping: { patience: 3 },
      checkpoint: { loss, accumulate: 2, validationSplit: 0.1, averageWeights: { decay: 0.99 } },
    } as Recipe);
    expect(text).toContain('  losses,\n  optimizers,');
    for (const line of [
      'loss: losses.categoricalCrossentropy({ labelSmoothing: 0.1 }),',
      'accumulate: 2,',
      'validationSplit: 0.1,',
      'averageWeights: { decay: 0.99 },',
      'earlyStopping: { patience: 3 },',
    ]) {
      expect(text).toContain(`\n  ${line}\n`);
    }
    expect(text).not.toContain('validationData'); // that is held out
    const usual = losses.categoricalCrossentropy();
    const plain = snippetOf({ ...RECIPE, checkpoint: { loss: usual } } as Recipe);
    expect(plain).toBe(snippetOf(RECIPE));
  });
});
