/** Shows a message of the page beside the controls of training, or on top of the page if those are out of sight. @module */
import { byId, setText } from './dom.ts';

/** Milliseconds that a message stays. */
const STAY = 12_000;

let timer: ReturnType<typeof setTimeout> | undefined;

/** Says something. Screen readers hear it from the notice alone. Empty text takes back what was said. */
export function say(text: string): void {
  const notice = byId('notice', HTMLElement);
  const toast = byId('toast', HTMLElement);
  setText(notice, text);
  setText(toast, text);
  clearTimeout(timer);
  const { top, bottom } = notice.getBoundingClientRect();
  toast.hidden = text === '' || (top >= 0 && bottom <= innerHeight);
  toast.onclick = () => hide(toast);
  timer = setTimeout(() => hide(toast), STAY);
}

function hide(toast: HTMLElement): void {
  toast.hidden = true;
}
