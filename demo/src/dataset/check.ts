/** Which data sets the page can show and learn. @module */
import type { Dataset } from 'convlet';

/** Each class has a row of its own in the answer, and a row and a column in the table of confusions. */
const MOST_CLASSES = 100;
/** The pictures of the network are painted on the page's own thread. */
const MOST_SIDE = 128;

/** @throws {RangeError} in one line, what is wrong and what to do, if it cannot. */
export function checkShown({ images, shape, classes }: Dataset, name: string): void {
  const refuse = (expected: string, got: string, advice: string): never => {
    throw new RangeError(`${name}: expected ${expected}, got ${got}. ${advice}.`);
  };
  if (classes < 2) refuse('two classes or more', 'one', 'Add pictures of another class');
  if (classes > MOST_CLASSES) {
    const got = classes.toLocaleString('en');
    refuse(`at most ${MOST_CLASSES} classes`, got, 'Look whether the labels are in their place');
  }
  const [, height = 0, width = 0] = shape;
  if (Math.max(height, width) > MOST_SIDE) {
    const most = `pictures of at most ${MOST_SIDE} × ${MOST_SIDE}`;
    refuse(most, `${height} × ${width}`, 'Make them smaller before you save them');
  }
  if (images instanceof Uint8Array) return;
  const odd = images.find((pixel) => !(pixel >= 0 && pixel <= 1));
  if (odd === undefined) return;
  const range = 'pixels that are whole numbers from 0 to 255, or lie between 0 and 1';
  refuse(range, String(odd), 'Scale them before you save them');
}
