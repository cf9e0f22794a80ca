/**
 * What goes wrong around the command: folders that cannot be, full disks, readers that leave, signals, names that steer terminals.
 * One file, as all of it starts the command in a folder of its own by the same few helpers; a group for each fault.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeCheckpoint, encodeCheckpoint } from 'convlet/node';
import { describe, expect, it } from 'vitest';
import { temporaryFolders } from '../support/folder.ts';
import { PATIENCE } from '../support/patience.ts';
import { RUN_FILES } from '../support/runFiles.ts';

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const folder = temporaryFolders()();
const isUnix = process.platform !== 'win32';
/** Only an endless loop takes longer. */
const LIMIT = { timeout: PATIENCE };

function convlet(args: readonly string[], options: Parameters<typeof spawnSync>[2] = {}) {
  return spawnSync(process.execPath, [cli, ...args], {
    cwd: folder,
    ...LIMIT,
    ...options,
    encoding: 'utf8',
  });
}

/** Runs a line of the shell, in which `convlet` is the command. */
function shell(line: string, env: NodeJS.ProcessEnv = {}) {
  const command = `convlet() { '${process.execPath}' '${cli}' "$@"; }`;
  const given = { cwd: folder, env: { ...process.env, ...env }, ...LIMIT };
  return spawnSync('bash', ['-c', `${command}; ${line}`], { ...given, encoding: 'utf8' });
}

const brief = ['--train-samples', '200', '--test-samples', '100', '--epochs', '2'];
const train = (...args: string[]) => ['train', ...brief, ...args];

convlet(train('--out', 'run'));
const model = join(folder, 'run/model.safetensors');

describe.runIf(isUnix)('a folder that cannot be made', () => {
  it.runIf(existsSync('/proc/self'))('is one line, and no endless loop', () => {
    for (const args of [
      train('--out', '/proc/x/y'),
      ['bench', '--filter', 'gemm', '--out', '/proc/x/y'],
      ['export', model, '--format', 'npz', '--out', '/proc/x/y'],
    ]) {
      const { status, stderr } = convlet(args);
      expect(stderr).toBe(
        'convlet: /proc/x/y: expected a folder that can be written, got ENOENT. Use another --out.\n',
      );
      expect(status).toBe(1);
    }
  });

  it('is told in a working folder that was removed; other paths work there', () => {
    const inGone = (line: string) => shell(`mkdir gone && cd gone && rmdir ../gone && ${line}`);
    const { status, stderr } = inGone(`convlet train ${brief.join(' ')}`);
    expect([status, stderr.trim().split('\n').length]).toEqual([1, 1]);
    expect(stderr).toMatch(/^convlet: runs\/.*: expected a folder that can be written, got ENOENT/);
    expect(inGone(`convlet evaluate '${model}' --json`).status).toBe(0);
  });
});

describe.runIf(existsSync('/dev/full'))('a full disk', () => {
  it('under stdout is told; what can be written is written', () => {
    const { status, stderr } = shell(`convlet train ${brief.join(' ')} --out full >/dev/full`);
    expect(stderr).toContain('convlet: stdout: expected to write, got ENOSPC.');
    expect(status).toBe(1);
    expect(readdirSync(join(folder, 'full')).sort()).toEqual(RUN_FILES);
    expect(shell('convlet inspect lenet5 >/dev/full').status).toBe(1);
    const version = shell('convlet --version >/dev/full');
    expect(version.stderr).toContain('convlet: stdout: expected to write, got ENOSPC.');
    expect(version.status).toBe(1);
  });

  const mounted = join(folder, 'tiny');
  mkdirSync(mounted);
  const mount = (size: string) =>
    spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', mounted]).status === 0;
  const unmount = () => spawnSync('umount', [mounted]);
  const canMount = mount('256k') && unmount().status === 0;
  if (!canMount) console.info('skipped: a full disk: a tmpfs can only be mounted by root');

  it.runIf(canMount)('names each file that is not there, and leaves no part of one', () => {
    mount('256k');
    try {
      const { status, stdout, stderr } = convlet(train('--out', 'tiny/run'));
      const there = readdirSync(join(mounted, 'run')).sort();
      for (const file of RUN_FILES) {
        if (!there.includes(file)) expect(stderr).toContain(`${file}: expected to write a file`);
      }
      expect(there).not.toContain('report.html');
      expect(stdout).not.toContain('report:');
      expect(there.filter((name) => !RUN_FILES.includes(name))).toEqual([]);
      expect(status).toBe(1);
      const files = ['export', model, '--format', 'tfjs', '--out', 'tiny/export'];
      expect(convlet(files).status).toBe(1);
      expect(readdirSync(join(mounted, 'export'))).toEqual([]);
    } finally {
      unmount();
    }
  });
});

describe.runIf(isUnix)('a reader that leaves', () => {
  it.each(['', '2>&1'])('does not end training %s', (both) => {
    const out = `head${both.length}`;
    const { stdout, stderr } = shell(
      `convlet train ${brief.join(' ')} --out ${out} ${both} | head -1; echo \${PIPESTATUS[0]}`,
    );
    expect(stdout.trim().split('\n').at(-1)).toBe('0');
    expect(stderr).not.toContain('EPIPE');
    expect(readdirSync(join(folder, out)).sort()).toEqual(RUN_FILES);
  });

  it('ends the others quietly', () => {
    const { stdout, stderr } = shell(
      `convlet inspect lenet5 | true; echo \${PIPESTATUS[0]}; convlet evaluate '${model}' | true; echo \${PIPESTATUS[0]}`,
    );
    expect([stdout, stderr]).toEqual(['0\n0\n', '']);
  });
});

describe.runIf(isUnix)('what is no ordinary file', () => {
  symlinkSync('/dev/zero', join(folder, 'zero.json'));
  spawnSync('mkfifo', ['pipe', 'pipe.json', 'pipe.csv'], { cwd: folder });
  mkdirSync(join(folder, 'csv'));
  spawnSync('mkfifo', ['csv/train.csv'], { cwd: folder });
  mkdirSync(join(folder, 'folder.json'));
  writeFileSync(join(folder, 'long.json'), '');
  truncateSync(join(folder, 'long.json'), 2 ** 40); // without a byte on the disk
  writeFileSync(join(folder, 'long.safetensors'), '');
  truncateSync(join(folder, 'long.safetensors'), 2 ** 40);

  it.each([
    [['train', '--model', 'zero.json'], 'expected a file, got a device'],
    [['train', '--model', 'pipe.json'], 'expected a file, got a pipe'],
    [['train', '--model', 'folder.json'], 'expected a file, got a folder'],
    [['train', '--model', 'long.json'], 'expected a file of at most 67108864 bytes'],
    [['train', '--recipe', 'pipe.json'], 'expected a file, got a pipe'],
    [['train', '--recipe', 'long.json'], 'expected a file of at most'],
    [['train', '--init', '/dev/zero'], 'expected a file, got a device'],
    [['train', '--resume', 'pipe'], 'expected a file, got a pipe'],
    [['train', '--resume', 'long.safetensors'], 'expected an object in the header'],
    [['train', '--data', '/dev/zero'], 'expected a file or a folder, got a device'],
    [['train', '--data', 'pipe.csv'], 'expected a file or a folder'],
    [['train', '--data', 'csv'], 'train.csv: expected a file, got a pipe'],
    [['evaluate', 'pipe'], 'expected a file, got a pipe'],
    [['evaluate', 'long.safetensors'], 'expected an object in the header'],
    [['inspect', 'long.json'], 'expected a file of at most'],
    [['predict', model, 'pipe'], 'expected a file, got a pipe'],
    [['predict', model, '/dev/zero'], 'expected a file, got a device'],
    [['predict', model, 'long.json'], 'expected a file of at most 1073741824 bytes'],
  ])('%j is refused in one line', (args, message) => {
    const { status, stdout, stderr } = convlet(args);
    expect(stderr).toContain(message);
    expect([status, stdout, stderr.trim().split('\n').length]).toEqual([1, '', 1]);
  });
});

describe('drawings are refused by what they hold', () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>';
  it.each([
    ['plain.png', svg],
    ['declared.jpg', `\uFEFF<?xml version="1.0"?>\n<!-- a -->${svg}`],
    ['wide.png', Buffer.from(`\uFEFF${svg}`, 'utf16le')],
    ['page.png', '<!doctype html><title>404</title>'],
    ['packed.svgz', Buffer.from([0x1f, 0x8b, 8, 0])],
    ['print.pdf', '%PDF-1.7'],
  ])('%s', (name, content) => {
    writeFileSync(join(folder, name), content);
    const { status, stderr } = convlet(['predict', model, name]);
    expect(stderr).toMatch(/expected a picture made of pixels, got [^\n]*\n$/);
    expect(status).toBe(1);
  });
});

describe.runIf(isUnix)('a signal while the command still loads', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s is told, and ends it with %i', (signal, code) => {
    const sends = join(folder, `sends-${signal}.mjs`);
    // from within, as soon as the command listens: from outside it might come when training has begun
    writeFileSync(
      sends,
      `process.on('newListener', function send(name) {
        if (name !== '${signal}') return;
        process.off('newListener', send);
        process.nextTick(() => process.kill(process.pid, '${signal}'));
      });`,
    );
    const given = ['--import', sends, cli, 'train', '--epochs', '100000', '--out', signal];
    const { status, stderr } = spawnSync(process.execPath, given, {
      ...{ cwd: folder, ...LIMIT },
      encoding: 'utf8',
    });
    expect(status).toBe(code);
    expect(stderr).toBe(`convlet: ${signal}: ended before anything was written.\n`);
    expect(existsSync(join(folder, signal))).toBe(false);
  });
});

describe('a signal while files are written or a model is evaluated', () => {
  const tells = join(folder, 'tells.mjs');
  // a folder is made after the test set was evaluated, and before files are written
  writeFileSync(
    tells,
    `import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const { mkdir } = fs.promises;
    fs.promises.mkdir = (...args) => {
      process.stderr.write(\`listeners: \${process.listenerCount('SIGINT')}\\n\`);
      return mkdir(...args);
    };
    syncBuiltinESMExports();`,
  );

  it.each([
    ['export', [model, '--format', 'npz', '--out', 'exported']],
    ['train', [...brief, '--quiet', '--out', 'evaluated']],
  ])('has its usual effect: %s', (command, args) => {
    const given = ['--import', tells, cli, command, ...args];
    const { stderr } = spawnSync(process.execPath, given, {
      ...{ cwd: folder, ...LIMIT },
      encoding: 'utf8',
    });
    expect(stderr).toMatch(/^listeners: 0$/m);
    expect(stderr).not.toMatch(/^listeners: [1-9]/m);
  });
});

it('export removes what a killed writer left', () => {
  mkdirSync(join(folder, 'killed'));
  const left = '.model.npz.01234567-89ab-cdef-0123-456789abcdef.unfinished';
  writeFileSync(join(folder, 'killed', left), '');
  expect(convlet(['export', model, '--format', 'npz', '--out', 'killed']).status).toBe(0);
  expect(readdirSync(join(folder, 'killed'))).toEqual(['model.npz']);
});

describe('without an optional package', () => {
  /** Runs the command on a terminal, as far as it can tell, without the package. */
  function without(name: string, args: readonly string[]) {
    const hook = `export const resolve = async (asked, context, next) => {
      if (asked !== '${name}') return next(asked, context);
      throw Object.assign(new Error("Cannot find package '${name}'"), { code: 'ERR_MODULE_NOT_FOUND' });
    };`;
    const path = join(folder, `without-${name}.mjs`);
    writeFileSync(
      path,
      `import { register } from 'node:module';
      register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}));
      process.stderr.isTTY = true;
      process.stderr.hasColors = () => false;`,
    );
    const given = ['--import', `file://${path}`, cli, ...args];
    return spawnSync(process.execPath, given, { cwd: folder, ...LIMIT, encoding: 'utf8' });
  }

  it('no picture is called bad', () => {
    const pictures = join(folder, 'pictures');
    for (const name of ['train/a', 'train/b']) mkdirSync(join(pictures, name), { recursive: true });
    for (const name of ['a/1.png', 'b/1.png']) writeFileSync(join(pictures, 'train', name), '');
    for (const args of [
      ['predict', model, 'pictures'],
      ['predict', model, 'pictures', '--skip-bad'],
      ['train', '--data', 'pictures/train', '--test-split', '0.5', '--skip-bad', '--out', 'none'],
    ]) {
      const { status, stderr } = without('sharp', args);
      expect(stderr).toMatch(
        /^convlet: \w+: expected the package sharp@[\d.]+, which is not installed\. Run: npm i sharp@[\d.]+\n$/,
      );
      expect(status).toBe(1);
    }
  });

  it('training goes on without a bar', () => {
    const { status, stderr } = without('cli-progress', train('--out', 'no bar'));
    expect([status, stderr.includes('cli-progress')]).toEqual([0, false]);
  });
});

it('a run that is stopped in its first epoch tells no speed, and how to go on', async () => {
  const args = ['train', '--epochs', '9', '--checkpoint-every', '1', '--out', 'my runs'];
  const stopping = join(folder, 'stopping.mjs');
  // our own listener is there when training begins
  writeFileSync(
    stopping,
    `import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const { rename } = fs.promises;
    let isSent = false;
    fs.promises.rename = (...args) => {
      if (!isSent) process.emit('SIGINT', 'SIGINT');
      isSent = true;
      return rename(...args);
    };
    syncBuiltinESMExports();`,
  );
  const { status, stdout } = spawnSync(
    process.execPath,
    ['--import', stopping, cli, ...args, '--train-samples', '2000'],
    { cwd: folder, ...LIMIT, encoding: 'utf8' },
  );
  expect(status).toBe(130);
  expect(stdout).toMatch(/^0 epochs in [^,]+: no epoch was finished$/m);
  const path = 'my runs/checkpoint.convlet';
  const quote = isUnix ? "'" : '"';
  expect(stdout).toContain(`to go on: convlet train --resume ${quote}${path}${quote}\n`);
});

describe('the command line', () => {
  it.each([
    [['--epochs', '1', '--epochs', '2'], '--epochs'],
    [['--epochs=1', '--epochs=1'], '--epochs'],
    [['--no-shuffle', '--no-shuffle'], '--no-shuffle'],
    [['--quiet', '--quiet'], '--quiet'],
    [['--out', 'x', '--out', 'y'], '--out'],
  ])('refuses an option that is repeated: %j', (args, flag) => {
    const { status, stdout, stderr } = convlet(['train', ...args]);
    expect(stderr).toBe(`convlet: ${flag}: expected it once, got it again. Leave one out.\n`);
    expect([status, stdout]).toEqual([2, '']);
  });

  it.each([
    [['train', '--out', ''], '--out'],
    [['train', '--resume='], '--resume'],
    [['bench', '--list', '--filter', ''], '--filter'],
  ])('refuses an empty value: %j', (args, flag) => {
    const { status, stdout, stderr } = convlet(args);
    expect(stderr).toBe(
      `convlet: ${flag}: expected a value, got "". Give it one, or leave it out.\n`,
    );
    expect([status, stdout]).toEqual([2, '']);
  });

  it('names the models there are, and the nearest', () => {
    for (const args of [
      ['inspect', 'resnet'],
      ['train', '--model', 'resnet'],
    ]) {
      const { status, stderr } = convlet(args);
      expect(stderr).toMatch(/expected .*lenet5, resnet8.*Use resnet8\.\n$/);
      expect(status).toBe(args[0] === 'inspect' ? 1 : 2);
    }
  });

  it('resumes from the checkpoint in a folder', () => {
    const { status, stdout } = convlet(['train', '--resume', 'run', '--epochs', '3', '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
      epochs: 3,
      out: 'run',
    });
  });

  it('warns of the first epoch that is worse than guessing', () => {
    const { stderr } = convlet(train('--learning-rate', '1e9', '--out', 'fast', '--quiet'));
    expect(stderr).toMatch(/^warning: epoch 1 is worse than guessing: loss .*Lower the learning/m);
  });

  it('tells one speed, once', () => {
    const { stdout } = convlet(train('--out', 'speed'));
    expect(stdout.match(/images\/s/g)).toHaveLength(1);
    const [, told = ''] = /training at ([\d,]+) images\/s/.exec(stdout) ?? [];
    const { epochs } = JSON.parse(readFileSync(join(folder, 'speed/history.json'), 'utf8'));
    const seconds = epochs.reduce((sum: number, epoch: typeof epochs) => sum + epoch.seconds, 0);
    expect(Number(told.replaceAll(',', ''))).toBe(Math.round(400 / seconds));
    const report = readFileSync(join(folder, 'speed/report.html'), 'utf8');
    expect(report).toContain(`<dd>${told}</dd><dt>images of training a second</dt>`);
    expect(report).not.toContain('images/s');
  });
});

describe('names that would steer a terminal', () => {
  const ESC = '\u001b';
  const hostile = `a${ESC}]0;x\u0007${ESC}[2J\u009b31m\u202eb`;
  /** Our own line ends are the only control characters. */
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const STEERING = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

  it('are shown escaped: those in a checkpoint', () => {
    const path = join(folder, 'hostile.convlet');
    const bytes = readFileSync(join(folder, 'run/checkpoint.convlet'));
    const checkpoint = decodeCheckpoint(new Uint8Array(bytes));
    const classNames = Array.from({ length: 10 }, (_, n) => `${hostile}${n}`);
    const settings = { ...checkpoint.settings, model: hostile, epochs: 4 };
    writeFileSync(path, encodeCheckpoint({ ...checkpoint, classNames, settings }));
    for (const args of [
      ['inspect', 'hostile.convlet'],
      ['inspect', 'hostile.convlet', '--json'],
      ['evaluate', 'hostile.convlet', '--test-samples', '50'],
      ['evaluate', 'hostile.convlet', '--test-samples', '50', '--json'],
      ['train', '--resume', 'hostile.convlet', '--out', 'hostile'],
    ]) {
      const { stdout, stderr } = convlet(args);
      expect(stdout + stderr).not.toMatch(STEERING);
      if (args[0] === 'inspect') expect(stdout).toContain('\\u009b31m\\u202eb0');
      if (args.includes('--json')) expect(JSON.parse(stdout).classNames).toEqual(classNames);
    }
  });

  it('are shown escaped: those of files, folders and arguments', () => {
    mkdirSync(join(folder, hostile));
    writeFileSync(join(folder, hostile, 'no picture.png'), 'nothing');
    const unknown = [
      ['predict', model, hostile],
      ['evaluate', hostile],
      ['train', '--data', hostile],
      ['train', `--${hostile}`],
      ['train', '--model', hostile],
      ['train', '--epochs', hostile],
      [hostile],
    ];
    for (const args of unknown) {
      const { status, stderr } = convlet(args);
      expect(status).not.toBe(0);
      expect(stderr).not.toMatch(STEERING);
    }
  });

  it('are shown escaped in reports, in the place of markup too', () => {
    const { stderr } = convlet(['train', '--resume', 'run', '--epochs', '4', '--out', 'escaped']);
    expect(stderr).not.toContain('Error');
    renameSync(join(folder, 'run/checkpoint.convlet'), join(folder, `${hostile}<b>&.convlet`));
    const given = ['--init', `${hostile}<b>&.safetensors`, '--out', 'named'];
    renameSync(model, join(folder, `${hostile}<b>&.safetensors`));
    convlet(train(...given));
    const report = readFileSync(join(folder, 'named/report.html'), 'utf8');
    expect(report).toContain('\\u202eb&lt;b&gt;&amp;.safetensors');
    expect(report).not.toMatch(STEERING);
    renameSync(join(folder, `${hostile}<b>&.safetensors`), model);
  });
});

describe.runIf(isUnix)('40 columns', () => {
  const wide = (text: string) =>
    text.split('\n').filter((line) => [...line].length > 40 && line.trim().includes(' '));

  it.each([
    ['inspect lenet5', '0: layer conv2d'],
    ['inspect resnet8', 'conv2d'],
    ["evaluate 'run/model.safetensors' --test-samples 100", 'true 0'],
    ['--help', 'bench'],
    ['train --help', '--epochs'],
  ])('%s breaks no line within a word', (line, shown) => {
    const { stdout, status } = shell(`convlet ${line}`, { COLUMNS: '40' });
    expect(status).toBe(0);
    expect(stdout).toContain(shown);
    expect(wide(stdout)).toEqual([]);
  });

  it('tables keep their columns if they fit', () => {
    const { stdout } = shell('convlet evaluate run/model.safetensors --test-samples 100', {
      COLUMNS: '40',
    });
    expect(stdout).toMatch(/^class +precision +recall +F1 +support$/m);
  });
});
