/** Golden tensors of PyTorch, as the vectors beside a checkout hold them. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Tensor } from 'convlet';
import { sharedPath } from './shared.ts';

/** A tensor: numbers, with `NaN` and infinities as text, or little-endian f32 in base64. */
export interface Encoded {
  readonly shape: number[];
  readonly encoding?: 'base64-le';
  readonly data: string | (number | string)[];
}

export function decode({ shape, encoding, data }: Encoded): Tensor {
  if (encoding === undefined) return { shape, data: Float32Array.from(data as number[], Number) };
  const bytes = Buffer.from(data as string, 'base64');
  return { shape, data: new Float32Array(Uint8Array.from(bytes).buffer) };
}

/** The cases of the library's vectors whose names match; none if they are not at hand. */
export function libraryVectors<Case>(names: RegExp): (Case & { readonly name: string })[] {
  const folder = sharedPath('vectors/library');
  if (folder === undefined) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith('.json') && names.test(file));
  return files.map((file) => JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')));
}
