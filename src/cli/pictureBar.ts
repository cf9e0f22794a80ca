/** The progress of decoding many pictures, on a terminal. @module */
import { importOptional } from '../base/optional.ts';

/** Fewer pictures are decoded before a bar could be read. */
const LEAST = 1000;

export interface PictureBar {
  update(done: number, total: number): void;
  /** Removes the bar. */
  stop(): void;
}

/** A bar on stderr, or undefined if there is nobody to read it. */
export async function createPictureBar(options: {
  readonly json?: boolean;
  readonly quiet?: boolean;
}): Promise<PictureBar | undefined> {
  if (options.json || options.quiet || !process.stderr.isTTY) return undefined;
  const { default: progress } = await importOptional(
    'cli-progress@3.12.0',
    'the progress bar',
    () => import('cli-progress'),
  );
  const bar = new progress.SingleBar({
    format: 'pictures {bar} {value}/{total}',
    stream: process.stderr,
    clearOnComplete: true,
  });
  let isShown = false;
  return {
    update(done, total) {
      if (total < LEAST) return;
      if (!isShown) bar.start(total, done);
      isShown = true;
      bar.update(done);
    },
    stop() {
      if (isShown) bar.stop();
    },
  };
}
