/** What the page calls the things that the network reads: digits, or pictures if the data are the reader's own. @module */

const DIGIT = 'digit';
let word = DIGIT;

/** The text with the right word in the place of “digit”. */
export function inWords(text: string): string {
  return text.replaceAll(DIGIT, word);
}

/** The text in pieces, whose words change when the data do. */
export function worded(text: string): (string | Node)[] {
  return text.split(/(digit)/).map((piece) => {
    if (piece !== DIGIT) return piece;
    const span = document.createElement('span');
    span.dataset.digit = DIGIT;
    span.textContent = word;
    return span;
  });
}

/** Speaks of digits from now on, or of pictures. `data-digit` has the words for a digit, if they are others; `data-digits-only` needs no others. */
export function speakOf(areDigits: boolean): void {
  word = areDigits ? DIGIT : 'picture';
  for (const element of document.querySelectorAll<HTMLElement>('[data-digit]')) {
    element.textContent = areDigits ? element.dataset.digit || DIGIT : word;
  }
  for (const element of document.querySelectorAll<HTMLElement>('[data-digits-only]')) {
    element.hidden = !areDigits;
  }
}
