/** Pictures as augmentation moves them: by the kernels of training, so that what is shown is what is learnt from. @module */
import type { AugmentOptions } from 'convlet';
import { type LoadedKernels, loadKernels } from 'convlet/kernels';
import type { Pixels } from './pixels.ts';

const FLIPS = ['horizontal', 'vertical', 'both'] as const;

/** Moves pictures. Made by `createMover`. */
export class Mover {
  readonly #kernels: LoadedKernels;

  constructor(kernels: LoadedKernels) {
    this.#kernels = kernels;
  }

  /** Of each picture, u8[3, side, side], as the first epochs of a model of this seed see it: u8, one an epoch. */
  move(
    pictures: readonly Pixels[],
    side: number,
    augment: AugmentOptions,
    epochs: number,
    seed: number,
  ): Pixels[][] {
    const { arena, ...kernels } = this.#kernels;
    const [count, length] = [pictures.length, 3 * side * side];
    const mark = arena.mark();
    const [x, from] = [arena.alloc(4 * count * length), arena.alloc(count * length)];
    const [maps, clock, indices] = [
      arena.alloc(24 * count),
      arena.alloc(12),
      arena.alloc(4 * count),
    ];
    const scratch = arena.alloc(kernels.affineScratchBytes(side, side));
    for (const [n, pixels] of pictures.entries())
      arena.u8(from, count * length).set(pixels, n * length);
    arena.i32(indices, count).set(pictures.map((_, n) => n));
    const { shift = 0, rotate = 0, zoom = 0, shear = 0, flip, fill = 0 } = augment;
    const flips = flip === undefined ? 0 : FLIPS.indexOf(flip) + 1;
    const moved = pictures.map((): Pixels[] => []);
    for (let epoch = 1; epoch <= epochs; epoch++) {
      arena.u32(clock, 3).set([seed, epoch, 0]);
      kernels.affineMaps(
        maps,
        clock,
        indices,
        count,
        side,
        side,
        shift,
        rotate,
        zoom,
        shear,
        flips,
      );
      kernels.affineU8(x, from, indices, maps, scratch, count, 3, side, side, fill);
      const values = arena.f32(x, count * length);
      for (const [n, list] of moved.entries()) {
        const own = values.subarray(n * length, (n + 1) * length);
        list.push(Uint8Array.from(own, (value) => Math.round(255 * value)));
      }
    }
    arena.reset(mark);
    return moved;
  }
}

export async function createMover(): Promise<Mover> {
  return new Mover(await loadKernels());
}
