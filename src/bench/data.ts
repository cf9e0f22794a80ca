/** Data for the training bench if it is given no digits: noise of the same size. @module */
import { createRandom } from '../base/random.ts';
import type { Dataset } from '../base/types.ts';

const IMAGES = 10_000;
const PIXELS = 28 * 28;
const CLASSES = 10;

/** Random images. Kernels take as long on them as on digits without blank paper; their name says so. */
export function noise(): Dataset {
  const random = createRandom(1);
  return {
    images: Uint8Array.from({ length: IMAGES * PIXELS }, () => random.below(256)),
    labels: Uint8Array.from({ length: IMAGES }, () => random.below(CLASSES)),
    shape: [1, 28, 28],
    classes: CLASSES,
    name: 'seeded noise, which has no blank paper to leave out as digits have',
  };
}
