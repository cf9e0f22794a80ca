/** Where training stood when the reader left, kept in the browser, to go on from at the next visit. @module */
import type { Checkpoint } from 'convlet';
import { decodeCheckpoint, encodeCheckpoint } from 'convlet/formats';
import { loadFile, saveFile } from 'convlet/storage';
import { byId, setText } from './dom.ts';
import { count } from './numbers.ts';

const FILE = 'demo.convlet';
/** Milliseconds between two times of writing it down. */
const INTERVAL = 4000;

/** Keeps the checkpoint of this moment now and then, and when the page is left. */
export function keepCheckpoints(current: () => Checkpoint | undefined): void {
  let kept: Checkpoint | undefined;
  const keep = () => {
    const checkpoint = current();
    if (checkpoint === undefined || checkpoint === kept || checkpoint.history.length === 0) return;
    kept = checkpoint;
    // storage may be full or forbidden: then there is nothing to go on from next time
    saveFile(FILE, encodeCheckpoint(checkpoint)).catch(() => {});
  };
  setInterval(keep, INTERVAL);
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) keep();
  });
}

/** Offers to go on where the last visit ended, if there was one. */
export async function offerCheckpoint(
  goOn: (checkpoint: Checkpoint) => Promise<boolean>,
): Promise<void> {
  const button = byId('remembered', HTMLButtonElement);
  const bytes = await loadFile(FILE).catch(() => undefined);
  if (bytes === undefined) return;
  const checkpoint = readKept(bytes);
  if (checkpoint === undefined) return;
  setText(button, `Go on from your last visit (${count(checkpoint.history.length, 'epoch')})`);
  button.hidden = false;
  button.addEventListener('click', async () => {
    button.hidden = await goOn(checkpoint);
  });
}

/** Undefined where another version of this page has kept something else. */
function readKept(bytes: Uint8Array): Checkpoint | undefined {
  try {
    return decodeCheckpoint(bytes, 'the last visit');
  } catch {
    return undefined;
  }
}
