/** The few things that the page's modules do with elements. @module */

/** The element of this id. @throws {Error} where the page has none of that kind. */
export function byId<T extends Element>(id: string, kind: new () => T): T {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new Error(`internal: expected #${id} to be ${kind.name}, got ${element}.`);
}

/**
 * Calls `listener` when the button of this id is pressed. In the HTML such buttons are disabled: while a page loads, or if it cannot
 * start, none of them can be pressed for nothing.
 */
export function onClick(id: string, listener: () => void): HTMLButtonElement {
  const button = byId(id, HTMLButtonElement);
  button.addEventListener('click', () => listener());
  button.disabled = false;
  return button;
}

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** A new element with its attributes and content; an attribute `true` stands alone, `false` is left out. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...content: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...content);
  return element;
}

/** Shows a value in a list. One that is not on it is added: addresses and checkpoints may have others. */
export function choose(select: HTMLSelectElement, value: string): void {
  const isListed = Array.from(select.options).some((option) => option.value === value);
  if (!isListed) select.append(make('option', { value }, value));
  select.value = value;
}

/** The context that paints on a canvas. @throws {Error} where the browser gives none. */
export function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('canvas: expected a 2d context, got none.');
  return context;
}

/** Sets text only where it differs, so that screen readers and layout have nothing to do otherwise. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
