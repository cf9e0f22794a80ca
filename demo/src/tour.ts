/**
 * The tour: five steps, each a sentence or two beside the part of the page that it is about. It begins when it is asked for, goes on
 * when it is told to, and leaves the page free to be used meanwhile.
 * @module
 */
import { byId, onClick, setText } from './dom.ts';
import { inWords } from './wording.ts';

interface Step {
  readonly title: string;
  readonly text: string;
  /** What it is about. */
  readonly selector: string;
}

const STEPS: readonly Step[] = [
  {
    title: 'Draw a digit',
    text: 'It is made as small as the digits that the network learns from: few pixels, each a number from 0 to 1.',
    selector: '.column-image',
  },
  {
    title: 'Filters and maps',
    text: 'Each filter slides over the picture; dark pixels of its map tell where the pattern is. Point at a pixel of a map to see its sum below.',
    selector: '.column-maps',
  },
  {
    title: 'The answer',
    text: 'A probability for each. Point at one for its evidence: what speaks for it in blue, against it in orange.',
    selector: '.column-answer',
  },
  {
    title: 'Training',
    text: 'Take it one batch at a time, or start over: filters begin as chance, and become patterns because that lowers the loss.',
    selector: '.transport',
  },
  {
    title: 'Experiments',
    text: 'What goes wrong teaches most: try a rate that is too high, or 100 digits to learn from.',
    selector: '.presets',
  },
];

const KEY = 'convlet-tour';
const SEEN = 'seen';

/** Connects the button that begins the tour. Who has not seen it is invited by the button, and by nothing else. */
export function connectTour(): void {
  const button = byId('tour-begin', HTMLButtonElement);
  const dialog = byId('tour', HTMLDialogElement);
  const next = byId('tour-next', HTMLButtonElement);
  const back = byId('tour-back', HTMLButtonElement);
  let at = 0;
  let marked: Element | null = null;
  const mark = (element: Element | null) => {
    marked?.classList.remove('toured');
    marked = element;
    element?.classList.add('toured');
  };
  /** At once, not when the dialog reports it: by then it may be open again. */
  const end = () => {
    dialog.close();
    mark(null);
    remember();
    button.classList.remove('invites');
    button.focus();
  };
  const go = (to: number) => {
    const step = STEPS[to];
    if (step === undefined) {
      end();
      return;
    }
    at = to;
    setText(byId('tour-title', HTMLElement), inWords(step.title));
    setText(byId('tour-text', HTMLElement), inWords(step.text));
    setText(byId('tour-count', HTMLElement), `${to + 1} of ${STEPS.length}`);
    setText(next, to === STEPS.length - 1 ? 'Done' : 'Next');
    back.disabled = to === 0;
    mark(document.querySelector(step.selector));
    marked?.scrollIntoView({ block: 'center' });
  };
  button.classList.toggle('invites', !isSeen());
  onClick('tour-begin', () => {
    if (!dialog.open) dialog.show(); // the page stays in use
    go(0);
    next.focus();
  });
  next.addEventListener('click', () => go(at + 1));
  back.addEventListener('click', () => {
    go(at - 1);
    if (back.disabled) next.focus(); // a button that is disabled loses it
  });
  byId('tour-end', HTMLButtonElement).addEventListener('click', end);
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && dialog.open) end();
  });
}

/** Storage may be forbidden: then it invites at each visit. */
function isSeen(): boolean {
  try {
    return localStorage.getItem(KEY) === SEEN;
  } catch {
    return false;
  }
}

function remember(): void {
  try {
    localStorage.setItem(KEY, SEEN);
  } catch {
    // forbidden: it is remembered as long as the page is open
  }
}
