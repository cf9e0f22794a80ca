/** A model owns its spec and hands out copies; arrays of another realm are as good as ours. */
import vm from 'node:vm';
import {
  createBackend,
  createModel,
  type Dataset,
  layers,
  type ModelSpec,
  parseIdxDataset,
} from 'convlet';
import { decodeModel, encodeModel } from 'convlet/formats';
import { createWorkerBackend } from 'convlet/worker';
import { describe, expect, it } from 'vitest';
import { strokes } from '../support/digits.ts';
import { spec, useBackend } from '../support/network.ts';

const backend = useBackend();

/** An object that its owner may change. */
const changeable = () =>
  structuredClone<unknown>(spec) as { layers: { [option: string]: unknown }[] };
const asSpec = (value: unknown) => value as ModelSpec;

describe('a model', () => {
  it('trains the spec that it was made of, whatever becomes of the object: a sweep', async () => {
    const given = changeable();
    const models = [6, 4, 2].map((filters) => {
      Object.assign(given.layers[0] ?? {}, { filters });
      return createModel(backend(), asSpec(given));
    });
    given.layers.length = 1;
    for (const [i, filters] of [6, 4, 2].entries()) {
      const model = models[i];
      const alone = changeable();
      Object.assign(alone.layers[0] ?? {}, { filters });
      const expected = createModel(backend(), asSpec(alone));
      await model?.fit(strokes(20));
      await expected.fit(strokes(20));
      expect(await model?.weightsSha256()).toBe(await expected.weightsSha256());
      expect(model?.spec).toEqual(alone);
    }
  });

  it('has a spec, layers and steps that cannot be changed', () => {
    const model = createModel(backend(), spec);
    const parts: unknown[] = [model.spec, model.spec.layers, model.spec.inputShape];
    parts.push(...model.spec.layers, ...model.layers, ...model.layers.map(({ output }) => output));
    for (const part of [...parts, model.layers, model.steps]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
    expect(() => Object.assign(model.spec.layers[0] ?? {}, { filters: 1 })).toThrow(TypeError);
    expect(Object.isFrozen(spec.layers)).toBe(false); // the caller's own
  });

  it('hands out weights and predictions whose shapes and numbers are copies', async () => {
    const model = createModel(backend(), spec);
    const before = await model.weightsSha256();
    for (const tensor of model.weights().values()) {
      (tensor.shape as number[]).fill(99);
      tensor.data.fill(9);
    }
    const { shape } = model.predict(strokes(1).images);
    (shape as number[]).fill(99);
    expect(await model.weightsSha256()).toBe(before);
    expect(model.weights().get('4.bias')?.shape).toEqual([10]);
    expect(model.predict(strokes(1).images).shape).toEqual([1, 10]);
  });

  it('takes a spec behind a proxy, as frameworks keep state', async () => {
    const proxy = <T extends object>(value: T): T =>
      new Proxy(value, {
        get(target, name) {
          const part: unknown = Reflect.get(target, name);
          return typeof part === 'object' && part !== null ? proxy(part) : part;
        },
      });
    const [model, plain] = [proxy(spec), spec].map((of) => createModel(backend(), of));
    expect(model?.spec).toEqual(plain?.spec);
    expect(await model?.weightsSha256()).toBe(await plain?.weightsSha256());
  });

  it('may share a layer with another model', () => {
    const shared = layers.flatten();
    const networks = [1, 2].map((channels) =>
      createModel(backend(), { inputShape: [channels, 2, 2], layers: [shared] }),
    );
    expect(networks.map(({ layers: [layer] }) => layer?.output)).toEqual([[4], [8]]);
  });
});

describe('what another realm made', () => {
  const realm = vm.createContext({});
  /** The same value, made of that realm's objects, lists, maps and arrays. */
  const foreign = <T>(value: T): T => {
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
      const list = Array.from(value as unknown as ArrayLike<number>);
      return vm.runInContext(`new ${value.constructor.name}([${list}])`, realm);
    }
    if (value instanceof Map) {
      const map = vm.runInContext('new Map()', realm);
      for (const [name, part] of value) map.set(name, foreign(part));
      return map;
    }
    if (Array.isArray(value)) return vm.runInContext('[]', realm).concat(value.map(foreign));
    if (typeof value !== 'object' || value === null) return value;
    const copy = vm.runInContext('({})', realm);
    for (const [name, part] of Object.entries(value)) copy[name] = foreign(part);
    return copy;
  };
  const data = (): Dataset => foreign(strokes(20));

  it('is no object of ours', () => {
    expect(data().images).not.toBeInstanceOf(Uint8Array);
    expect(foreign(spec).layers).not.toBeInstanceOf(Array);
  });

  it('trains, evaluates, predicts and is taken as weights, to the same bytes', async () => {
    const model = createModel(backend(), foreign(spec));
    const ours = createModel(backend(), spec);
    await model.fit(data(), foreign({ epochs: 2, batchSize: 10, validationData: strokes(10) }));
    await ours.fit(strokes(20), { epochs: 2, batchSize: 10 });
    expect(await model.weightsSha256()).toBe(await ours.weightsSha256());
    expect(model.evaluate(data()).loss).toBe(ours.evaluate(strokes(20)).loss);
    expect(model.predict(data().images)).toEqual(ours.predict(strokes(20).images));
    const other = createModel(backend(), spec, { seed: 2 });
    other.setWeights(foreign(ours.weights()));
    expect(await other.weightsSha256()).toBe(await ours.weightsSha256());
  });

  it('is a tensor of the operations, the bytes of a file and a module of kernels', async () => {
    const x = { shape: [1, 2], data: Float32Array.of(-1, 2) };
    expect(backend().ops.relu(foreign(x))).toEqual({ shape: [1, 2], data: Float32Array.of(0, 2) });
    const file = encodeModel(createModel(backend(), spec));
    expect(decodeModel(foreign(file), 'f').spec).toEqual(spec);
    const header = [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1];
    const pictures = { name: 'a', bytes: Uint8Array.of(...header, 9) };
    const labels = { name: 'b', bytes: Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 0) };
    expect(parseIdxDataset(foreign(pictures), foreign(labels), 10, 'n').images).toHaveLength(1);
    const wasm = foreign(Uint8Array.of(1, 2, 3));
    await expect(createBackend({ wasm })).rejects.toThrow('WebAssembly'); // read, and found to be none
  });

  it('is sent to a worker', async () => {
    const worker = await createWorkerBackend();
    const [model, ours] = [await worker.createModel(foreign(spec)), createModel(backend(), spec)];
    await model.fit(data(), foreign({ batchSize: 10 }));
    await ours.fit(strokes(20), { batchSize: 10 });
    expect(await model.weightsSha256()).toBe(await ours.weightsSha256());
    worker.dispose();
  });
});
