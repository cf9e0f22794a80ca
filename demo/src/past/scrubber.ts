/** The slider over the epochs that are done, and what the page says while it shows one of them: that it is the past, and the way back. @module */
import { byId, setText } from '../dom.ts';
import type { PastEpoch } from './epochs.ts';

export class Scrubber {
  readonly #slider = byId('epoch-shown', HTMLInputElement);
  readonly #name = byId('epoch-shown-name', HTMLOutputElement);
  readonly #past = byId('past', HTMLElement);
  readonly #title = byId('flow-title', HTMLElement);
  readonly #flow = byId('flow', HTMLElement);
  readonly #bar = byId('bar', HTMLElement);
  readonly #backs = ['back-to-now', 'bar-now'].map((id) => byId(id, HTMLButtonElement));
  readonly #onPick: (epoch: PastEpoch | undefined) => void;
  #list: readonly PastEpoch[] = [];
  #isHeld = false;

  /** @param onPick Is given the epoch to show; undefined: now. */
  constructor(onPick: (epoch: PastEpoch | undefined) => void) {
    this.#onPick = onPick;
    const slider = this.#slider;
    slider.addEventListener('pointerdown', () => {
      this.#isHeld = true; // while the pointer drags it, the range of the slider does not change
    });
    for (const type of ['pointerup', 'pointercancel', 'change']) {
      slider.addEventListener(type, () => {
        this.#isHeld = false;
      });
    }
    slider.addEventListener('input', () => onPick(this.#list[Number(slider.value)]));
    for (const back of this.#backs) back.addEventListener('click', () => this.#goBack());
  }

  /**
   * @param list What can be shown beside now.
   * @param shown Which of them is; undefined: now.
   * @param nameOf `after epoch 3`
   */
  show(
    list: readonly PastEpoch[],
    shown: PastEpoch | undefined,
    nameOf: (epoch: PastEpoch) => string,
  ): void {
    if (!this.#isHeld) {
      this.#list = list;
      const at = shown === undefined ? list.length : list.indexOf(shown);
      this.#slider.max = String(list.length);
      this.#slider.disabled = list.length === 0;
      if (this.#slider.value !== String(at)) this.#slider.value = String(at);
    }
    const when = shown && nameOf(shown);
    const moment = when ?? 'now';
    setText(this.#name, when === undefined ? moment : `the past, ${when}`);
    if (this.#slider.getAttribute('aria-valuetext') !== moment) {
      this.#slider.setAttribute('aria-valuetext', moment);
    }
    setText(this.#title, `The network ${when ?? 'at this moment'}`);
    const isPast = when !== undefined;
    this.#past.hidden = !isPast;
    this.#flow.classList.toggle('is-past', isPast);
    this.#bar.classList.toggle('is-past', isPast);
    for (const back of this.#backs) back.hidden = !isPast;
  }

  /** The button goes with the past, and the focus to the slider, if it was there. */
  #goBack(): void {
    const hadFocus = this.#backs.some((back) => back === document.activeElement);
    this.#onPick(undefined);
    if (hadFocus && !this.#slider.disabled) this.#slider.focus({ preventScroll: true });
  }
}
