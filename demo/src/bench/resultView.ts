/** A run on the page: facts, charts, tables, and the buttons that take it along. @module */
import {
  type BenchRun,
  formatRun,
  noiseNotice,
  runFacts,
  runMarkdown,
  runSections,
} from 'convlet/bench';
import { byId, make, setText } from '../dom.ts';
import { download } from '../download.ts';
import { wordsOf } from '../errors.ts';

export class ResultView {
  readonly #note = byId('take-note', HTMLElement);
  #run: BenchRun | undefined;

  constructor() {
    this.#onClick('copy-markdown', (run) => this.#copy(runMarkdown(run)));
    this.#onClick('copy-json', (run) => this.#copy(formatRun(run)));
    this.#onClick('save-json', async (run) => {
      download({ name: 'bench.json', bytes: new TextEncoder().encode(formatRun(run)) });
    });
  }

  async show(run: BenchRun): Promise<void> {
    const plot = await import('@observablehq/plot'); // 200 kB, and nothing to do with them before
    this.#run = run;
    setText(this.#note, '');
    // markup of convlet/bench, in which whatever is not its own is escaped
    byId('facts', HTMLElement).innerHTML = runFacts(run) + noiseNotice(run);
    byId('sections', HTMLElement).replaceChildren(
      ...runSections(run, { plot }).map(({ heading, html }) => {
        const section = make('section', {}, make('h2', {}, heading));
        section.insertAdjacentHTML('beforeend', html);
        return section;
      }),
    );
    byId('result', HTMLElement).hidden = false;
    setText(byId('live', HTMLElement), 'The run has ended; its results are below.');
  }

  async #copy(text: string): Promise<void> {
    await navigator.clipboard.writeText(text);
    setText(this.#note, 'Copied.');
  }

  #onClick(id: string, act: (run: BenchRun) => Promise<void>): void {
    byId(id, HTMLButtonElement).addEventListener('click', async () => {
      if (this.#run === undefined) return;
      try {
        await act(this.#run);
      } catch (error) {
        setText(this.#note, wordsOf(error));
      }
    });
  }
}
