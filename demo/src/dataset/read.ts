/** Data sets of the reader, from files. @module */
import type { Digits } from '../digits.ts';
import type { NamedFile } from '../fileKind.ts';
import type { Reply } from './worker.ts';

/** Reads files that are a data set together. @throws {Error} in one line, what is wrong and what to do. */
export async function readDataset(files: readonly NamedFile[]): Promise<Digits> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  try {
    const reply = await new Promise<Reply>((resolve, reject) => {
      worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => resolve(data));
      worker.addEventListener('error', () => {
        reject(
          new Error('data set: expected the worker that reads it, got none. Load the page anew.'),
        );
      });
      worker.postMessage(files, { transfer: [...new Set(files.map(({ bytes }) => bytes.buffer))] });
    });
    if ('error' in reply) throw new Error(reply.error);
    return reply.digits;
  } finally {
    worker.terminate();
  }
}
