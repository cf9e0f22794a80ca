/** The process around a run: signals, streams, surroundings, and a second process with the same folder. */
import { type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { temporaryFolders } from '../support/folder.ts';

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const newFolder = temporaryFolders();
const few = ['--train-samples', '500', '--test-samples', '50'];

/** A run to its end. */
function run(args: readonly string[], options: SpawnOptions = {}) {
  return new Promise<{
    code: number | null;
    signal: string | null;
    stdout: string;
    stderr: string;
  }>((resolve) => {
    const child = spawn(process.execPath, [cli, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...options,
    });
    let [stdout, stderr] = ['', ''];
    child.stdout?.on('data', (text) => (stdout += text));
    child.stderr?.on('data', (text) => (stderr += text));
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

const hashOf = (stdout: string) => /weights sha256 ([0-9a-f]{64})/.exec(stdout)?.[1];

it('a second Ctrl-C ends the run at once, and leaves no half-written file', async () => {
  const folder = newFolder();
  const out = join(folder, 'run');
  const again = join(folder, 'again.mjs');
  // the second comes from within: from outside it might come when the run has ended
  writeFileSync(
    again,
    `const { write } = process.stderr;
    process.stderr.write = function (text, ...rest) {
      const isOut = write.call(this, text, ...rest);
      if (String(text).includes('SIGINT: ending')) process.kill(process.pid, 'SIGINT');
      return isOut;
    };`,
  );
  const args = ['--import', again, cli, 'train', '--epochs', '100000', '--out', out];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  let told = '';
  child.stdout.on('data', (text) => {
    told += text;
    if (told.split('\n').length > 3) child.kill('SIGINT'); // some epochs have checkpoints
  });
  const signal = await new Promise((resolve) =>
    child.once('close', (_, signal) => resolve(signal)),
  );
  expect(signal).toBe('SIGINT');
  expect(existsSync(join(out, 'report.html'))).toBe(false);
  const { status } = spawnSync(process.execPath, [
    ...[cli, 'evaluate', join(out, 'checkpoint.convlet'), '--test-samples', '50'],
  ]);
  expect(status).toBe(0);
});

describe('the surroundings of a run', () => {
  const args = ['train', '--epochs', '2', ...few, '--out'];

  it('do not change its weights, nor the way it writes numbers', async () => {
    const usual = await run([...args, join(newFolder(), 'run')]);
    const bare = {
      TZ: 'Asia/Kathmandu',
      LANG: 'C',
      LC_ALL: 'de_DE.UTF-8',
      TERM: 'dumb',
      COLUMNS: '20',
      TMPDIR: '/nowhere',
    };
    const strange = await run([...args, join(newFolder(), 'run')], { env: bare });
    expect(strange.code).toBe(0);
    expect(hashOf(strange.stdout)).toBe(hashOf(usual.stdout));
    expect(hashOf(usual.stdout)).toBeDefined();
    expect(strange.stdout + strange.stderr).not.toMatch(/\d,\d(?!\d\d)/);
  });

  it('decide about colours and progress: a pipe gets neither', async () => {
    for (const env of [{}, { NO_COLOR: '1' }, { TERM: 'dumb' }]) {
      const { stdout, stderr } = await run([...args, join(newFolder(), 'run')], {
        env: { ...process.env, ...env },
      });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not come
      expect(stdout + stderr).not.toMatch(/[\u001b\r]/);
      expect(stdout).toMatch(/\n$/);
    }
  });
});

describe('a folder that cannot be written is refused before the first step', () => {
  const folder = newFolder();
  writeFileSync(join(folder, 'file'), '');
  symlinkSync('loop', join(folder, 'loop'));
  mkdirSync(join(folder, 'run'));

  it.each([
    ['file', 'ENOTDIR'],
    ['file/run', 'ENOTDIR'],
    ['loop', 'ELOOP'],
    ['loop/run', 'ELOOP'],
  ])('%s: %s', async (out, code) => {
    const {
      code: exit,
      stdout,
      stderr,
    } = await run(['train', '--epochs', '1000000', ...few, '--out', out], { cwd: folder });
    expect(stderr).toBe(
      `convlet: ${out}: expected a folder that can be written, got ${code}. Use another --out.\n`,
    );
    expect([exit, stdout]).toEqual([1, '']);
  });
});

it('two processes in one folder leave a whole model, of one or the other', async () => {
  const out = join(newFolder(), 'run');
  const runs = await Promise.all(
    ['1', '2'].map((seed) =>
      run(['train', '--epochs', '3', ...few, '--seed', seed, '--overwrite', '--out', out]),
    ),
  );
  for (const { code, stderr } of runs) expect([code, stderr]).toEqual([0, expect.any(String)]);
  expect(readdirSync(out).filter((name) => name.endsWith('.unfinished'))).toEqual([]);
  const inspected = await run(['inspect', join(out, 'model.safetensors'), '--json']);
  expect(inspected.code).toBe(0);
  const evaluated = await run(['evaluate', join(out, 'model.safetensors'), '--test-samples', '50']);
  expect(evaluated.code).toBe(0);
});
