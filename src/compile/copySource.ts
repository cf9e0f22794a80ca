/** Copies images and what they should give into the memory of a program, and tells of what types they are there. @module */
import { isTypedArray } from '../base/brands.ts';
import type { Dataset, Images, ValueDataset } from '../base/types.ts';
import type { Arena } from '../wasm/memory.ts';
import type { Source } from './plan.ts';
import type { PixelType, SourceTypes, TargetType } from './stepOptions.ts';

export type Targets = Dataset['labels'] | ValueDataset['targets'];

/** Labels, or values. */
export function targetsOf(dataset: Dataset | ValueDataset): Targets {
  return 'targets' in dataset && dataset.targets !== undefined
    ? dataset.targets
    : (dataset as Dataset).labels;
}

export function copySource(
  arena: Arena,
  { images, targets }: Source,
  source: Pick<Images, 'images'>,
  given: Targets,
): SourceTypes {
  const type = copyTargets(arena, targets, given);
  return { pixels: copyPixels(arena, images, source.images), targets: type };
}

export function copyPixels(arena: Arena, address: number, images: Images['images']): PixelType {
  if (isTypedArray(images, 'Uint8Array')) {
    arena.u8(address, images.length).set(images);
    return 'u8';
  }
  arena.f32(address, images.length).set(images);
  return 'f32';
}

/** Labels of more than a byte are kept as i32. */
function copyTargets(arena: Arena, address: number, targets: Targets): TargetType {
  if (isTypedArray(targets, 'Uint8Array')) {
    arena.u8(address, targets.length).set(targets);
    return 'u8';
  }
  if (isTypedArray(targets, 'Float32Array')) {
    arena.f32(address, targets.length).set(targets);
    return 'f32';
  }
  arena.i32(address, targets.length).set(targets);
  return 'i32';
}
