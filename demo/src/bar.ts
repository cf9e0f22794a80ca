/**
 * The bar at the foot of the window: the answer and Train, for as long as one of them is out of sight. So both are in view
 * while somebody draws, whatever the width.
 * @module
 */
import { byId } from './dom.ts';

/** Watches what the bar stands in for. */
export function connectBar(): void {
  const bar = byId('bar', HTMLElement);
  const flow = byId('columns', HTMLElement);
  const seen = new Map<Element, boolean>();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, intersectionRatio } of entries) {
        seen.set(target, intersectionRatio > MOST_OF_IT);
      }
      bar.classList.toggle(
        'needed',
        [...seen.values()].some((isSeen) => !isSeen),
      );
    },
    { threshold: [MOST_OF_IT, 1] },
  );
  const watch = () => {
    observer.disconnect();
    seen.clear();
    const answer = flow.querySelector('.column-answer');
    const run = document.getElementById('run');
    for (const element of [answer, run]) if (element !== null) observer.observe(element);
  };
  new MutationObserver(watch).observe(flow, { childList: true }); // columns are made anew with each network
  watch();
}

/** Share of an element that is to be in sight. */
const MOST_OF_IT = 0.9;
