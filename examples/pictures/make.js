/**
 * Makes a small folder of pictures to try things out: discs, rings and stripes in any colours, 32×32, on noisy ground.
 *
 *   node examples/pictures/make.js my-pictures 60      60 pictures of each class
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

const SIZE = 32;
const [folder = 'my-pictures', count = '60'] = process.argv.slice(2);

/** Whether a pixel at (x, y) from the middle is of the shape; `turn` is an angle. */
const shapes = {
  disc: (x, y) => Math.hypot(x, y) < 9,
  ring: (x, y) => Math.abs(Math.hypot(x, y) - 9) < 2.5,
  stripe: (x, y, turn) => Math.abs(x * Math.cos(turn) + y * Math.sin(turn)) < 3,
};

let state = 1;
/** Numbers from 0 to 1, the same in every run (Numerical Recipes' generator). */
function random() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}

for (const [name, isInside] of Object.entries(shapes)) {
  await mkdir(join(folder, name), { recursive: true });
  for (let n = 0; n < Number(count); n++) {
    const [colour, ground] = [0, 1].map(() => [random(), random(), random()]);
    const [left, top, turn] = [12 + 8 * random(), 12 + 8 * random(), Math.PI * random()];
    const pixels = Uint8Array.from({ length: SIZE * SIZE * 3 }, (_, i) => {
      const [x, y] = [(Math.floor(i / 3) % SIZE) - left, Math.floor(i / 3 / SIZE) - top];
      const paint = isInside(x, y, turn) ? 0.5 + colour[i % 3] / 2 : ground[i % 3] / 2;
      return 255 * Math.min(1, paint + 0.08 * random());
    });
    const raw = { width: SIZE, height: SIZE, channels: 3 };
    await sharp(pixels, { raw }).toFile(join(folder, name, `${n}.png`));
  }
}
