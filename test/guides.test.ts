/** The guides: their programs run as printed, and their tables name what there is. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { blocks, createBackend, layers, losses, optimizers, schedules } from 'convlet';
import { loadModel } from 'convlet/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectClose } from './support/closeness.ts';
import { temporaryFolders } from './support/folder.ts';
import {
  blockOf,
  codesIn,
  pageOf,
  rowsOf,
  runProgram,
  sectionOf,
  withChanges,
} from './support/markdown.ts';
import { hasPython, python } from './support/python.ts';
import { typeErrors } from './support/typecheck.ts';

const folder = temporaryFolders();
const root = fileURLToPath(new URL('..', import.meta.url));
const keras = pageOf('docs/from-keras.md');
const pytorch = pageOf('docs/from-pytorch.md');
const reliability = pageOf('docs/reliability.md');
/** Fewer digits and epochs than the pages have. */
const FEW = { 'loadMnist()': 'loadMnist({ trainSamples: 1000, testSamples: 200 })' };

/** What the page trains with. */
function programOf(page: string): string {
  return blockOf(sectionOf(page, 'Line by line'), 'js');
}

describe.each([
  ['from-keras.md', keras],
  ['from-pytorch.md', pytorch],
])('docs/%s', (_name, page) => {
  it('has a line of its program for each line of the script', () => {
    const program = programOf(page).replaceAll(/\s+/g, ' ');
    const cells = rowsOf(sectionOf(page, 'Line by line')).map(([, convlet = '']) => convlet);
    const codes = cells.filter((cell) => !cell.startsWith('nothing')).flatMap(codesIn);
    expect(codes.length).toBeGreaterThan(20);
    expect(codes.filter((code) => !program.includes(code))).toEqual([]);
  });

  it('has layers, losses, optimizers and schedules in its tables that Convlet makes', () => {
    const codes = rowsOf(page).flatMap((cells) => codesIn(cells.slice(1).join(' ')));
    const calls = codes.filter((code) =>
      /^(layers|losses|optimizers|schedules|blocks)\.\w+\(.*\)$/.test(code),
    );
    expect(calls.length).toBeGreaterThan(60);
    for (const call of calls) {
      const make = new Function(
        'layers',
        'losses',
        'optimizers',
        'schedules',
        'blocks',
        `return ${call}`,
      );
      expect(() => make(layers, losses, optimizers, schedules, blocks), call).not.toThrow();
    }
  });
});

it('the program for those who come from Keras trains, evaluates and saves', async () => {
  const path = join(folder(), 'mnist.safetensors');
  const changes = {
    ...FEW,
    'epochs: 15': 'epochs: 2',
    "'mnist.safetensors'": JSON.stringify(path),
  };
  const printed = runProgram(withChanges(programOf(keras), changes));
  expect(printed).toMatch(/^1000 train samples, 200 test samples\n/);
  expect(printed).toContain('34,826');
  const [, accuracy] = /^Test accuracy: (0\.\d+)$/m.exec(printed) ?? [];
  expect(Number(accuracy)).toBeGreaterThan(0.5);
  expect((await loadModel(await createBackend(), path)).parameterCount).toBe(34_826);
});

it('the program for arrays of Keras prints what the page says', () => {
  const program = blockOf(sectionOf(keras, 'Data that you have as arrays'), 'js');
  const [, expected = ''] = /console\.log\(.*\); \/\/ (.*)/.exec(program) ?? [];
  expect(runProgram(program)).toBe(`${expected}\n`);
});

describe('the program for those who come from PyTorch', () => {
  const path = join(folder(), 'mnist_cnn.safetensors');
  const changes = {
    ...FEW,
    'epochs: 14': 'epochs: 1',
    "'mnist_cnn.safetensors'": JSON.stringify(path),
  };

  let lines: string[] = [];
  beforeAll(() => {
    lines = runProgram(withChanges(programOf(pytorch), changes))
      .trim()
      .split('\n');
  });

  it('trains, tests and saves', () => {
    expect(lines[0]).toMatch(/^Train epoch 1, batch 1: loss \d/);
    const [, accuracy] =
      /^Test set: average loss \S+, accuracy (\S+)$/.exec(lines.at(-1) ?? '') ?? [];
    expect(Number(accuracy)).toBeGreaterThan(0.5);
  });

  it.skipIf(!hasPython('torch'))(
    'has the weights of the module of the script, both ways',
    async () => {
      const fromTorch = join(folder(), 'from_torch.safetensors');
      const script = `
import sys, torch
from torch import nn
from torch.nn import functional as F
sys.path.insert(0, sys.argv[1])
from convlet_torch import load, save

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 32, 3, 1), nn.Conv2d(32, 64, 3, 1)
        self.fc1, self.fc2 = nn.Linear(9216, 128), nn.Linear(128, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv2(F.relu(self.conv1(x)))), 2)
        return F.log_softmax(self.fc2(F.relu(self.fc1(torch.flatten(x, 1)))), dim=1)

model = Net()
x = (torch.linspace(0, 1, 784).reshape(1, 1, 28, 28) - 0.1307) / 0.3081
save(sys.argv[3], model.state_dict(), {})
print(model(x).exp().tolist()[0])
model.load_state_dict(load(sys.argv[2])[0], strict=True)
print(model(x).exp().tolist()[0])
`;
      const [own = '', ours = ''] = python(script, join(root, 'examples/pytorch'), path, fromTorch)
        .trim()
        .split('\n');
      const x = Float32Array.from({ length: 784 }, (_, i) => i / 783);
      const model = await loadModel(await createBackend(), path);
      expectClose(model.predict(x).data, JSON.parse(ours), 1e-5);
      const back = blockOf(sectionOf(pytorch, 'Weights, both ways'), 'js');
      const program = withChanges(back, {
        ...FEW,
        "'mnist_cnn.safetensors'": JSON.stringify(path),
        "'from_torch.safetensors'": JSON.stringify(fromTorch),
      });
      const probabilities =
        'console.log(JSON.stringify([...model.predict(Float32Array.from({ length: 784 }, (_, i) => i / 783)).data]));';
      const [accuracy, printed = ''] = runProgram(`${program}\n${probabilities}`)
        .trim()
        .split('\n');
      expect(Number(accuracy)).toBeLessThan(0.5);
      expectClose(JSON.parse(printed), JSON.parse(own), 1e-5);
    },
  );
});

it('the blocks on sources and on storage compile under strict', () => {
  const given = `import type { Dataset, Model } from 'convlet';
    declare const model: Model;
    declare const [train, labels]: [Dataset, Uint8Array];
    declare const readImages: (indices: readonly number[]) => Promise<Uint8Array>;
    declare const labelsOf: (indices: readonly number[]) => Uint8Array;\n`;
  const blocks = [
    sectionOf(pageOf('docs/data.md'), 'Sources'),
    sectionOf(pageOf('docs/browser.md'), 'Storage'),
  ];
  const programs = blocks.map((block) => given + blockOf(block, 'ts'));
  expect(typeErrors(folder(), programs, 'page')).toBe('');
});

it('the guides link to files that exist', () => {
  for (const page of [keras, pytorch, reliability]) {
    const links = [...page.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, link = '']) => link);
    expect(links.length).toBeGreaterThan(1);
    for (const link of links) expect(existsSync(join(root, 'docs', link)), link).toBe(true);
  }
});

describe('docs/reliability.md', () => {
  it('names a test for every promise', () => {
    const promises = reliability.split('\n## Not promised\n')[0] ?? '';
    const rows = rowsOf(promises);
    expect(rows.length).toBeGreaterThan(50);
    for (const [promise = '', tests = ''] of rows) {
      expect(tests, promise).toMatch(/\]\(\.\.\/test\//);
    }
  });

  it('lists the dependencies as they are installed, with version and licence', () => {
    const read = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));
    const { dependencies, optionalDependencies } = read('package.json');
    const { packages } = read('package-lock.json');
    const rows = rowsOf(sectionOf(reliability, 'Dependencies')).map(([name = '', ...row]) => {
      return [codesIn(name)[0] ?? '', row] as const;
    });
    const all: Record<string, string> = { ...dependencies, ...optionalDependencies };
    expect(rows.map(([name]) => name).sort()).toEqual(Object.keys(all).sort());
    for (const [name, [version, licence = '']] of rows) {
      expect(version, name).toBe(all[name]);
      expect(licence.split(';')[0], name).toBe(packages[`node_modules/${name}`].license);
    }
  });
});
