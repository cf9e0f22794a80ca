/** The images of a raw IDX file, read by index, so that the file may be larger than the memory. @module */
import { type FileHandle, open } from 'node:fs/promises';
import { elementCount } from '../../base/shape.ts';
import { idxLayout, planesOf } from '../../data/idx.ts';
import type { RowPart } from '../../formats/dataset/arrays.ts';
import { fileError } from '../fileErrors.ts';
import { checkOrdinary } from '../files.ts';

/** Bytes of the longest header, rounded up. */
const HEADER_BYTES = 32;
/** Most reads at a time, and most bytes of one. */
const MOST_AT_A_TIME = 32;
const MOST_BYTES = 2 ** 26;

/** Images that lie one after another in the file, and go one after another into what is read. */
interface Run {
  readonly index: number;
  readonly place: number;
  count: number;
}

/**
 * What a file has of a part: its images, not its labels.
 * @throws {Error} in one line, if it cannot be read, or is compressed. @throws {FormatError} if it is not whole.
 */
export async function openIdxRows(
  path: string,
): Promise<Pick<RowPart, 'count' | 'shape' | 'rows'>> {
  const { count, shape, layout, headerBytes } = await reading(path, async (file) => {
    const { size } = await file.stat();
    const start = new Uint8Array(Math.min(HEADER_BYTES, size));
    await fill(file, start, 0, path);
    if (start[0] === 0x1f && start[1] === 0x8b) {
      throw new Error(
        `${path}: expected a raw file to stream, got gzip. Unpack it with gunzip, or leave out stream, --stream.`,
      );
    }
    return idxLayout(start, size, path);
  });
  const length = elementCount(shape);
  const rows = (indices: readonly number[]) =>
    reading(path, async (file) => {
      const images = new Uint8Array(indices.length * length);
      const runs = runsOf(indices, Math.max(1, Math.floor(MOST_BYTES / length)));
      for (let first = 0; first < runs.length; first += MOST_AT_A_TIME) {
        const some = runs.slice(first, first + MOST_AT_A_TIME).map(({ index, place, count }) => {
          const part = images.subarray(place * length, (place + count) * length);
          return fill(file, part, headerBytes + index * length, path);
        });
        await Promise.all(some);
      }
      return planesOf(images, shape, layout);
    });
  return { count, shape, rows };
}

/** Fewer reads if neighbours are asked for together. */
function runsOf(indices: readonly number[], most: number): Run[] {
  const runs: Run[] = [];
  for (const [place, index] of indices.entries()) {
    const last = runs.at(-1);
    if (last !== undefined && index === last.index + last.count && last.count < most) last.count++;
    else runs.push({ index, place, count: 1 });
  }
  return runs;
}

/** Fills `bytes` from a place of the file on. */
async function fill(
  file: FileHandle,
  bytes: Uint8Array,
  position: number,
  path: string,
): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await file
      .read(bytes, done, bytes.length - done, position + done)
      .catch((cause: unknown) => {
        throw fileError(path, 'a file that can be read', cause, 'Check the disk');
      });
    if (bytesRead === 0) {
      throw new Error(
        `${path}: expected ${bytes.length} bytes at ${position}, got ${done}. The file was cut short while it was read; fetch it again.`,
      );
    }
    done += bytesRead;
  }
}

async function reading<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  await checkOrdinary(path);
  const file = await open(path).catch((cause: unknown) => {
    throw fileError(path, 'a file that can be read', cause, 'Check the path');
  });
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}
