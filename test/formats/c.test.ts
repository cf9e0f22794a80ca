/** C files compile under strict flags, and compute what the models compute: every layer, every option. Needs gcc. */
import { createModel, layers, type Model, namedModels } from 'convlet';
import { encodeC, Int8Model, quantizeModel } from 'convlet/formats';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/closeness.ts';
import { temporaryFolders } from '../support/folder.ts';
import { compileC, hasGcc, mainFor, printedBy, runC, sizesOf } from '../support/gcc.ts';
import { backend, imagesFor, modelOf, networks } from '../support/networks.ts';

const newFolder = temporaryFolders();
const isThere = hasGcc();
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Pixels and outputs of an image. */
function lengthsOf({
  spec,
  layers,
}: ReturnType<typeof modelOf>): [pixels: number, outputs: number] {
  const count = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
  return [count(spec.inputShape), count(layers.at(-1)?.output ?? [])];
}

describe.runIf(isThere)('the C file in single precision', () => {
  it.each(networks)('computes what the model computes: $name', ({ name }) => {
    const model = modelOf(name);
    const main = mainFor('float', ...lengthsOf(model));
    const program = compileC(newFolder(), text(encodeC(model)) + main);
    const images = imagesFor(model.spec, 3);
    expectClose(runC(program, images), model.predict(images).data, 1e-5);
  });

  it('adds a value twice, if its sum names it twice', () => {
    const model = createModel(
      backend,
      {
        inputShape: [1, 4, 4],
        layers: [
          layers.conv2d({ filters: 2, kernelSize: 3, name: 'a' }),
          layers.sigmoid({ name: 'b' }),
          layers.add({ inputs: ['a', 'b', 'a'], name: 's' }),
          layers.add({ inputs: ['s', 's', 's'] }),
          layers.flatten(),
        ],
      },
      { seed: 3 },
    );
    const images = imagesFor(model.spec, 2);
    const program = compileC(
      newFolder(),
      text(encodeC(model)) + mainFor('float', ...lengthsOf(model)),
    );
    expectClose(runC(program, images), model.predict(images).data, 1e-5);
  });

  it.each(Object.keys(namedModels))('has a test vector that holds: %s', (name) => {
    const model = createModel(backend, namedModels[name]?.([1, 28, 28], 10) as never, { seed: 5 });
    const program = compileC(newFolder(), encodeC(model), '-O1', '-DCONVLET_TEST');
    expect(printedBy(program)).toBe('0 of 10 outputs are wrong\n');
  });
});

describe.runIf(isThere)('the C file in int8', () => {
  const bytesFor = (model: Model, count: number) =>
    Uint8Array.from(imagesFor(model.spec, count), (pixel) => Math.round((pixel + 1) * 127.5));

  /** Those of the networks that int8 serves. */
  const served = networks.filter(({ name }) => {
    try {
      const model = modelOf(name);
      return quantizeModel(backend, model, bytesFor(model, 1)) instanceof Int8Model;
    } catch (error) {
      expect((error as Error).message).toMatch(/^int8: layers\[/);
      return false;
    }
  });

  it('is made of most networks', () => {
    expect(served.length).toBeGreaterThan(50);
  });

  it.each(served)('computes the same whole numbers as the model: $name', ({ name }) => {
    const model = modelOf(name);
    const images = bytesFor(model, 3);
    const quantized = quantizeModel(backend, model, images);
    const main = mainFor('uint8_t', ...lengthsOf(model));
    const program = compileC(newFolder(), text(encodeC(quantized)) + main);
    const [got, expected] = [runC(program, images), quantized.predict(images).data];
    const last = model.spec.layers.at(-1)?.type;
    if (last === 'softmax' || last === 'sigmoid') expectClose(got, expected, 1e-6);
    else expect(got).toEqual(expected);
  });

  it.each(Object.keys(namedModels))('has a test vector that holds: %s', (name) => {
    const model = createModel(backend, namedModels[name]?.([1, 28, 28], 10) as never, { seed: 5 });
    const quantized = quantizeModel(backend, model, bytesFor(model, 8));
    const program = compileC(newFolder(), encodeC(quantized), '-O1', '-DCONVLET_TEST');
    expect(printedBy(program)).toBe('0 of 10 outputs are wrong\n');
  });

  it('takes at most 64 kB of flash and 32 kB of RAM for tiny', () => {
    const model = createModel(backend, namedModels.tiny([1, 28, 28], 10));
    const code = encodeC(quantizeModel(backend, model, bytesFor(model, 8)));
    const { flash, ram } = sizesOf(compileC(newFolder(), code, '-Os', '-c'));
    expect(flash).toBeGreaterThan(9_914);
    expect(flash).toBeLessThanOrEqual(64 * 1024);
    expect(ram).toBeLessThanOrEqual(32 * 1024);
    const [, stated] = /RAM +(\d+) bytes/.exec(text(code)) ?? [];
    expect(Math.abs(ram - Number(stated))).toBeLessThanOrEqual(32); // of alignment
  });
});

describe('the C file', () => {
  it('holds nothing of a name that could end its comment', () => {
    const classNames = ['*/ int x;', 'a\\\nb', 'ü'];
    const spec = { inputShape: [1, 2, 2], layers: [layers.flatten(), layers.dense({ units: 3 })] };
    const model = createModel(backend, spec, { classNames });
    const code = text(encodeC(model));
    expect(code).toContain(' *   0 __ int x_, 1 a__b, 2 _\n');
    expect(code.split('*/').length).toBe(code.split('/*').length);
  });

  it('is made of a model in memory alone', () => {
    const { spec, seed } = modelOf('reference');
    expect(() => encodeC({ spec, seed, weights: new Map() } as never)).toThrow(
      'encodeC: expected a model in memory, got an object. Use createModel or loadModel first.',
    );
  });
});
