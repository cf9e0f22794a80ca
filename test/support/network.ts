/** A network small enough to train in a moment, and a backend for a test file. */
import { type Backend, createBackend, layers, type ModelSpec } from 'convlet';
import { afterAll, beforeAll } from 'vitest';

/** The reference network in small, for the images of `strokes`. */
export const spec: ModelSpec = {
  inputShape: [1, 12, 12],
  layers: [
    layers.conv2d({ filters: 6, kernelSize: 3 }),
    layers.relu(),
    layers.maxPool2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dense({ units: 10 }),
    layers.softmax(),
  ],
};

/** A backend that lives as long as the tests of the file; ask for it inside a test. */
export function useBackend(): () => Backend {
  let backend: Backend | undefined;
  beforeAll(async () => {
    backend = await createBackend();
  });
  afterAll(() => backend?.dispose());
  return () => {
    if (backend === undefined) throw new Error('internal: no backend before the tests');
    return backend;
  };
}

/** A backend for each number of threads, that lives as long as the tests of the file; ask for them inside a test. */
export function useBackends(threads: readonly number[]): readonly Backend[] {
  const backends: Backend[] = [];
  beforeAll(async () => {
    for (const count of threads) backends.push(await createBackend({ threads: count }));
  });
  afterAll(() => {
    for (const backend of backends) backend.dispose();
  });
  return backends;
}
