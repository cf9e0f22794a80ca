/** A network that has collapsed, in words: what it does, why, and what helps. @module */
import type { ModelSpec } from 'convlet';

/**
 * Said of a network whose answer does not depend on the picture.
 * @param loss Of the test images.
 */
export function collapseText({ layers }: ModelSpec, loss: number, classes: number): string {
  const guessing = Math.log(classes);
  const why = layers.some(({ type }) => type === 'relu')
    ? 'Usually a step that was too large has pushed all units of a layer below 0 for every picture: ReLU passes nothing on, the maps are blank, the gradient behind them is 0, and more steps do not bring them back.'
    : 'No number that depends on the picture reaches the answer any more.';
  return `This network has collapsed: it gives the same answer whatever the picture. Its test loss is ${loss.toFixed(3)}; guessing has log ${classes} = ${guessing.toFixed(3)}. ${why} Start over with a smaller learning rate.`;
}
