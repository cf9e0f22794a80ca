/** `--resume` goes on to the same bytes; a checkpoint that cannot be written does not end training. */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeSafetensors } from 'convlet/formats';
import { decodeCheckpoint, encodeCheckpoint } from 'convlet/node';
import { describe, expect, it } from 'vitest';
import { temporaryFolders } from '../support/folder.ts';
import { RUN_FILES } from '../support/runFiles.ts';

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const newFolder = temporaryFolders();
const folder = newFolder();
const small = ['--train-samples', '600', '--test-samples', '50', '--batch-size', '50'];

function convlet(args: readonly string[], nodeOptions: readonly string[] = []) {
  return spawnSync(process.execPath, [...nodeOptions, cli, ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
}

/** Trains, and parses what it prints. */
function train(...args: string[]) {
  const { status, stdout, stderr } = convlet(['train', ...args, '--json']);
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line || '{}'));
  return { status, stderr, events, done: events.at(-1) };
}

const sums = (events: readonly { epoch?: number; loss?: number }[]) =>
  events.flatMap(({ epoch, loss }) => (epoch === undefined ? [] : [[epoch, loss]]));

const whole = train(
  ...small,
  '--epochs',
  '4',
  '--optimizer',
  'adam',
  '--learning-rate',
  '0.003',
  '--out',
  'whole',
);
const half = train(
  ...small,
  '--epochs',
  '2',
  '--optimizer',
  'adam',
  '--learning-rate',
  '0.003',
  '--out',
  'half',
);
const checkpoint = 'half/checkpoint.convlet';

describe('--resume', () => {
  it('goes on with the options of the checkpoint, into its folder, to the same bytes', () => {
    expect(readdirSync(join(folder, 'half')).sort()).toEqual(RUN_FILES);
    const rest = train('--resume', checkpoint, '--epochs', '4');
    expect(rest.status).toBe(0);
    expect(rest.done).toMatchObject({
      epochs: 4,
      out: 'half',
      weightsSha256: whole.done.weightsSha256,
    });
    expect(half.done.weightsSha256).not.toBe(whole.done.weightsSha256);
    expect(sums(rest.events)).toEqual(sums(whole.events).slice(2));
    const { epochs, settings } = JSON.parse(
      readFileSync(join(folder, 'half/history.json'), 'utf8'),
    );
    expect(sums(epochs)).toEqual(sums(whole.events));
    expect(settings).toMatchObject({
      epochs: 4,
      batchSize: 50,
      optimizer: { learningRate: 0.003 },
    });
    const files = (run: string) => readFileSync(join(folder, run, 'model.safetensors'));
    expect(files('half')).toEqual(files('whole'));
  });

  it('writes the results again if nothing is left to do: they may have been lost', () => {
    const { status, events } = train('--resume', 'whole/checkpoint.convlet', '--out', 'again');
    expect(status).toBe(0);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      epochs: 4,
      out: 'again',
      weightsSha256: whole.done.weightsSha256,
    });
  });

  it('goes on within the epoch in which Ctrl-C ended the run', async () => {
    const args = ['--train-samples', '6000', '--test-samples', '50', '--batch-size', '20'];
    const endless = [...args, '--epochs', '100000', '--out', 'stopped'];
    const run = spawn(process.execPath, [cli, 'train', ...endless], { cwd: folder });
    let stderr = '';
    run.stderr.on('data', (text) => (stderr += text));
    let stdout = '';
    run.stdout.on('data', (text) => (stdout += text));
    run.stdout.once('data', () => run.kill('SIGINT'));
    expect(await new Promise((resolve) => run.once('close', resolve))).toBe(130);
    expect(stderr).toContain('SIGINT: ending after this step.');
    expect(stdout).toContain('to go on: convlet train --resume stopped/checkpoint.convlet');
    const path = join(folder, 'stopped/checkpoint.convlet');
    const { history } = decodeCheckpoint(new Uint8Array(readFileSync(path)), path);
    const epochs = ['--epochs', `${history.length + 2}`]; // the one that was stopped, and another
    const rest = convlet(['train', '--resume', 'stopped/checkpoint.convlet', ...epochs]);
    const undisturbed = train(...args, ...epochs, '--out', 'calm');
    expect(rest.stderr).toMatch(/; goes on after epoch \d/);
    expect(rest.stdout).toContain(`weights sha256 ${undisturbed.done.weightsSha256}`);
  });

  it.each([
    [
      ['--batch-size', '64'],
      '--batch-size: expected 50, as half/checkpoint.convlet has, got 64. Leave it out, or --resume.',
    ],
    [['--optimizer', 'momentum'], '--optimizer: expected "adam", as'],
    [['--seed', '2'], '--seed: expected 1, as'],
    [['--no-shuffle'], '--no-shuffle: expected true, as'],
    [['--model', 'lenet5'], '--model: expected "reference", as'],
    [['--train-samples', '601'], '--train-samples: expected 600, as'],
    [['--init', 'half/model.safetensors'], '--init: expected "none", as'],
    [
      ['--class-weights', 'balanced'],
      '--class-weights: expected "none", as half/checkpoint.convlet has, got "balanced". Leave it out, or --resume.\n',
    ],
  ])('refuses %j with exit code 2, and names both values', (args, message) => {
    const before = readFileSync(join(folder, checkpoint));
    const { status, stderr } = train('--resume', checkpoint, ...args);
    expect(stderr).toContain(`convlet: ${message}`);
    expect(status).toBe(2);
    expect(readFileSync(join(folder, checkpoint))).toEqual(before);
  });

  it('accepts options with the same value as in the checkpoint', () => {
    expect(
      train('--resume', 'whole/checkpoint.convlet', '--optimizer', 'adam', ...small).status,
    ).toBe(0);
  });

  it('refuses a folder that holds another run, other data, fewer epochs, a model, and nothing', () => {
    const refused = (...args: string[]) => {
      const { status, stderr } = train('--resume', ...args);
      expect(status).toBe(1);
      return stderr;
    };
    expect(refused('whole/checkpoint.convlet', '--out', 'half')).toContain(
      'half: expected a folder without a run',
    );
    expect(refused('whole/checkpoint.convlet', '--epochs', '3', '--out', 'new')).toContain(
      'expected epochs of at least 4',
    );
    expect(refused('whole/model.safetensors')).toContain('expected a checkpoint, got a model');
    expect(refused('none')).toContain('none: expected a file that can be read, got ENOENT.');
    const bytes = readFileSync(join(folder, 'whole/checkpoint.convlet'));
    const content = decodeCheckpoint(bytes, 'f');
    const other = { ...content, data: { ...content.data, crc32: 1 } };
    writeFileSync(join(folder, 'other.convlet'), encodeCheckpoint(other));
    expect(refused('other.convlet', '--epochs', '5', '--out', 'new')).toContain(
      'expected the training data of the checkpoint, 600 images with checksum 1, got 600 images with',
    );
    expect(readdirSync(folder)).not.toContain('new');
    const strange = { ...content, settings: { epochs: 'many' } };
    writeFileSync(join(folder, 'strange.convlet'), encodeCheckpoint(strange));
    expect(refused('strange.convlet')).toContain(
      'expected settings with a number as epochs, got "many".',
    );
  });

  it('reads only the options that convlet train keeps in a checkpoint', () => {
    const content = decodeCheckpoint(readFileSync(join(folder, 'whole/checkpoint.convlet')), 'f');
    const settings = {
      ...content.settings,
      out: 'elsewhere',
      overwrite: true,
      seed: 9,
      threads: 9,
    };
    mkdirSync(join(folder, 'strange'));
    writeFileSync(
      join(folder, 'strange/checkpoint.convlet'),
      encodeCheckpoint({ ...content, settings }),
    );
    const { done } = train('--resume', 'strange/checkpoint.convlet');
    expect(done).toMatchObject({ out: 'strange', weightsSha256: whole.done.weightsSha256 });
    expect(readdirSync(folder)).not.toContain('elsewhere');
  });

  it('can be used as a model by the other commands', () => {
    const evaluate = (file: string) =>
      convlet(['evaluate', file, '--test-samples', '50', '--json']).stdout;
    expect(evaluate('whole/checkpoint.convlet')).toBe(evaluate('whole/model.safetensors'));
    expect(convlet(['inspect', 'whole/checkpoint.convlet']).stdout).toMatch(
      /\ntraining: 4 epochs done, batch 50, seed 1; Adam, learning rate 0\.003, /,
    );
    const inspection = convlet(['inspect', 'whole/checkpoint.convlet', '--json']).stdout;
    expect(JSON.parse(inspection).training).toMatchObject({ epochs: 4, step: 0, batchSize: 50 });
    const first = train(
      ...small,
      '--init',
      'whole/checkpoint.convlet',
      '--epochs',
      '1',
      '--out',
      'tuned',
    );
    expect(first.events[0].loss).toBeLessThan(whole.events[0].loss / 2);
  });

  it('no longer needs the file of the first weights, and ignores what it has become', () => {
    const init = join(folder, 'first.safetensors');
    cpSync(join(folder, 'whole/model.safetensors'), init);
    const begun = train(...small, '--init', init, '--epochs', '1', '--out', 'begun');
    writeFileSync(init, encodeSafetensors([]));
    const rest = train('--resume', 'begun/checkpoint.convlet', '--epochs', '2');
    rmSync(init);
    const last = train('--resume', 'begun/checkpoint.convlet', '--epochs', '3');
    expect([begun.status, rest.status, last.status]).toEqual([0, 0, 0]);
    expect(last.done).toMatchObject({ epochs: 3, out: 'begun' });
  });
});

describe('a checkpoint that cannot be written', () => {
  /** Makes the disk full for checkpoints after the first `writes`. */
  const fullDisk = (writes: number) => {
    const program = `
      import { createRequire, syncBuiltinESMExports } from 'node:module';
      const promises = createRequire(process.execPath)('node:fs/promises');
      const { open } = promises;
      let count = 0;
      promises.open = async (path, flags) => {
        if (!/checkpoint[.]convlet/.test(path) || ++count <= ${writes}) return open(path, flags);
        throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      };
      syncBuiltinESMExports();`;
    return ['--import', `data:text/javascript,${encodeURIComponent(program)}`];
  };

  it('is reported once, training goes on, the last checkpoint stays, and the exit code is 1', () => {
    const args = [
      'train',
      ...small,
      '--epochs',
      '4',
      '--optimizer',
      'adam',
      '--learning-rate',
      '0.003',
    ];
    const { status, stdout, stderr } = convlet([...args, '--out', 'full'], fullDisk(2));
    expect(status).toBe(1);
    expect(stderr.match(/ENOSPC/g)).toHaveLength(1);
    expect(stderr).toContain(
      'full/checkpoint.convlet: expected to write a file, got ENOSPC. Make room or choose another folder. Training goes on; the checkpoint before is kept.',
    );
    expect(stdout).toContain(whole.done.weightsSha256);
    expect(readdirSync(join(folder, 'full')).sort()).toEqual(RUN_FILES);
    const kept = decodeCheckpoint(readFileSync(join(folder, 'full/checkpoint.convlet')), 'f');
    expect(kept.history).toHaveLength(2);
    const rest = train('--resume', 'full/checkpoint.convlet');
    expect(rest.status).toBe(0);
    expect(rest.done.weightsSha256).toBe(whole.done.weightsSha256);
  });
});
