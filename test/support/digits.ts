/** A small labelled data set of our own making: ten blurred strokes on 1×12×12 images, seeded. */
import type { Dataset } from 'convlet';
import { testRandom } from './random.ts';

const SIZE = 12;

/** `count` images of ten classes; the class decides the angle of a stroke, chance its place and strength. */
export function strokes(count: number, seed: number = 1): Dataset {
  const random = testRandom(seed * 7919);
  const images = new Uint8Array(count * SIZE * SIZE);
  const labels = new Uint8Array(count);
  for (let n = 0; n < count; n++) {
    const label = n % 10;
    labels[n] = label;
    const angle = (label * Math.PI) / 10;
    const [row, column] = [4 + random() * 4, 4 + random() * 4];
    const strength = 150 + random() * 100;
    for (let t = -5; t <= 5; t += 0.25) {
      const i = Math.round(row + t * Math.sin(angle));
      const j = Math.round(column + t * Math.cos(angle));
      if (i >= 0 && i < SIZE && j >= 0 && j < SIZE) images[(n * SIZE + i) * SIZE + j] = strength;
    }
  }
  return { images, labels, shape: [1, SIZE, SIZE], classes: 10, name: 'strokes' };
}
