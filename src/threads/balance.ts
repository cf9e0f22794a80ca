/**
 * Whether the threads of a team share a part of a step or one does all of it: whichever takes less time now. The results are the
 * same. If another program keeps a core busy, two threads that wait for one another can be slower than one.
 *
 * Time is taken over windows. Now and then one is spent the other way, a look. If two looks in a row are faster, that becomes
 * the way; if not, the next look comes after twice the pause. If the way becomes slower for two windows, the next look comes
 * soon. A look costs at most a small share of the time since the last one, however long a run takes.
 * @module
 */

/** Milliseconds of a window at least. */
const WINDOW = 16;

/** The least pause before a look, in milliseconds and in times what a look takes. It is doubled up to so often. */
const PAUSE = 100;
const LOOKS = 16;
const MOST_LOOKS = 64;
const DOUBLINGS = 5;

/** The other way must take at most this share of the time; a way that takes this many times as long has become slower. */
const FASTER = 0.95;
const SLOWER = 1.2;

/** Looks in a row that decide, and windows in a row that show a slower way. */
const IN_A_ROW = 2;

export class Balance {
  #isShared = true;
  #isLook = false;
  /** Milliseconds and runs of the present window. */
  #milliseconds = 0;
  #runs = 0;
  /** Milliseconds a run, in the last window that was no look. */
  #usual = Number.POSITIVE_INFINITY;
  #doublings = 0;
  #sinceLook = 0;
  /** Milliseconds of the last look; before the first one, how many times a window it may take. */
  #cost = 0;
  readonly #guess: number;
  #votes = 0;
  #slowWindows = 0;

  /** @param threads How many share the work: alone it takes at most so many times as long. */
  constructor(threads: number) {
    this.#guess = threads;
  }

  /** Whether the next run is to be shared. */
  get isShared(): boolean {
    return this.#isShared !== this.#isLook;
  }

  /** Records the time of a run. */
  note(milliseconds: number): void {
    this.#milliseconds += milliseconds;
    this.#runs++;
    const spent = this.#milliseconds;
    if (spent < WINDOW) return;
    const mean = spent / this.#runs;
    this.#milliseconds = 0;
    this.#runs = 0;
    if (this.#isLook) this.#judge(mean, spent);
    else this.#goOn(mean, spent);
  }

  /** After a window of the usual way. */
  #goOn(mean: number, spent: number): void {
    this.#slowWindows = mean > this.#usual * SLOWER ? this.#slowWindows + 1 : 0;
    if (this.#slowWindows >= IN_A_ROW) this.#doublings = 0;
    if (this.#slowWindows === 0 || this.#slowWindows >= IN_A_ROW) this.#usual = mean;
    this.#sinceLook += spent;
    this.#isLook = this.#sinceLook >= this.#pauseAfter(spent);
  }

  /** Milliseconds to wait for a look, after a window that took so many. A look that confirms another comes soon. */
  #pauseAfter(spent: number): number {
    if (this.#votes > 0) return PAUSE;
    const cost = this.#cost === 0 ? spent * this.#guess : this.#cost;
    const factor = 2 ** this.#doublings;
    return Math.max(PAUSE * factor, cost * Math.min(LOOKS * factor, MOST_LOOKS));
  }

  /** After a look. */
  #judge(mean: number, spent: number): void {
    this.#isLook = false;
    this.#sinceLook = 0;
    this.#cost = spent;
    if (mean > this.#usual * FASTER) {
      this.#votes = 0;
      this.#doublings = Math.min(this.#doublings + 1, DOUBLINGS);
      return;
    }
    this.#doublings = 0;
    if (++this.#votes < IN_A_ROW) return;
    this.#votes = 0;
    this.#usual = mean;
    this.#isShared = !this.#isShared;
  }
}
