/** The progress of decoding many pictures, on a terminal. @module */
import type { SingleBar } from 'cli-progress';
import { loadBars } from './loadBars.ts';
import { isTerminal } from './terminal.ts';

/** Fewer pictures are decoded before a bar could be read. */
const LEAST = 1000;

export interface PictureBar {
  update(done: number, total: number): void;
  /** Removes the bar. */
  stop(): void;
}

/** A bar on stderr, or undefined if there is nobody to read it. Its package is loaded when there is something to show. */
export function createPictureBar(options: {
  readonly json?: boolean;
  readonly quiet?: boolean;
}): PictureBar | undefined {
  if (options.json || options.quiet || !isTerminal(process.stderr)) return undefined;
  let bar: SingleBar | undefined;
  let isAsked = false;
  let isShown = false;
  const load = async () => {
    isAsked = true;
    const bars = await loadBars();
    bar =
      bars &&
      new bars.SingleBar({
        format: 'pictures {bar} {value}/{total}',
        stream: process.stderr,
        clearOnComplete: true,
      });
  };
  return {
    update(done, total) {
      if (total < LEAST) return;
      if (!isAsked) void load();
      if (!isShown) bar?.start(total, done);
      isShown = bar !== undefined;
      bar?.update(done);
    },
    stop() {
      if (isShown) bar?.stop();
    },
  };
}
