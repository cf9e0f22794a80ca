/** A curve over epochs: every batch faint, its mean over the last ones, the test set after each epoch. Drawn by uPlot. @module */
import uPlot from 'uplot';
import type { Measure, Points } from '../curves.ts';
import { byId, make, setText } from '../dom.ts';

export interface ChartOptions {
  readonly id: string;
  readonly measure: Measure;
  readonly title: string;
  readonly format: (value: number) => string;
  /** Of the table behind the chart, opened by the reader. */
  readonly table: () => HTMLElement;
}

type Name = 'train' | 'test';

/** Epochs that an axis is wide enough for: it grows in a few steps, not with every epoch. */
const WIDTHS = [1, 2, 4, 6, 10, 15, 20, 30, 40, 60, 80, 100, 150, 200, 300, 500, 1000];

export class Chart {
  readonly #options: ChartOptions;
  readonly #plotHost = make('div', { class: 'plot' });
  readonly #values: Readonly<Record<Name, HTMLElement>>;
  readonly #table = make('div', { class: 'table-scroll', tabindex: '0' });
  readonly #details: HTMLDetailsElement;
  #plot: uPlot | undefined;
  #points: Points = { x: [], raw: [], train: [], test: [] };
  #last: Readonly<Record<Name, number | undefined>> = { train: undefined, test: undefined };
  #isLog = false;
  #most = 1;

  constructor(options: ChartOptions) {
    this.#options = options;
    const { id, title, measure } = options;
    const train = make('b');
    const test = make('b');
    this.#values = { train, test };
    const caption = make(
      'figcaption',
      {},
      make('h3', {}, title),
      make('span', { class: 'legend' }, make('span', { class: 'key' }), 'train', train),
      make('span', { class: 'legend' }, make('span', { class: 'key test' }), 'test', test),
      ...(measure === 'loss' ? [this.#logSwitch()] : []),
    );
    this.#table.setAttribute('aria-label', `${title}, epoch by epoch`);
    this.#table.setAttribute('role', 'region');
    this.#details = make('details', {}, make('summary', {}, 'As a table'), this.#table);
    this.#details.addEventListener('toggle', () => this.#fillTable());
    this.#plotHost.setAttribute('role', 'img');
    byId(id, HTMLElement).append(caption, this.#plotHost, this.#details);
    new ResizeObserver(() => this.#resize()).observe(this.#plotHost);
  }

  /** Draws anew in the colours of the theme. */
  restyle(): void {
    this.#plot?.destroy();
    this.#plot = new uPlot(this.#uplotOptions(), dataOf(this.#points), this.#plotHost);
  }

  show(points: Points, last: Readonly<Record<Name, number | undefined>>, epochs: number): void {
    this.#points = points;
    this.#last = last;
    const reached = points.x.at(-1) ?? 0;
    this.#most = WIDTHS.find((width) => width >= reached) ?? Math.max(epochs, reached);
    this.#plot?.setData(dataOf(points));
    this.#showValues(last);
    const { title, format } = this.#options;
    const text = (value: number | undefined) => (value === undefined ? 'not yet' : format(value));
    this.#plotHost.setAttribute(
      'aria-label',
      `${title} over epochs: train ${text(last.train)}, test ${text(last.test)}. The table below has every epoch.`,
    );
    if (this.#details.open) this.#fillTable();
  }

  #showValues(values: Readonly<Record<Name, number | undefined>>): void {
    for (const name of ['train', 'test'] as const) {
      const value = values[name];
      setText(this.#values[name], value === undefined ? '–' : this.#options.format(value));
    }
  }

  #fillTable(): void {
    if (this.#details.open) this.#table.replaceChildren(this.#options.table());
  }

  #logSwitch(): HTMLElement {
    const box = make('input', { type: 'checkbox' });
    box.addEventListener('change', () => {
      this.#isLog = box.checked;
      this.restyle();
    });
    return make('label', { class: 'switch' }, box, 'logarithmic');
  }

  #resize(): void {
    const { clientWidth, clientHeight } = this.#plotHost;
    if (clientWidth === 0) return;
    this.#plot?.setSize({ width: clientWidth, height: clientHeight });
  }

  /** The values under the pointer in the legend; the last ones where there is none. */
  #hover(plot: uPlot): void {
    const index = plot.cursor.idx;
    if (index === null || index === undefined || (plot.cursor.left ?? -1) < 0) {
      this.#showValues(this.#last);
      return;
    }
    const nearest = (values: readonly (number | null)[]) =>
      values.slice(0, index + 1).findLast((value) => value !== null) ?? undefined;
    this.#showValues({
      train: nearest(this.#points.train),
      test: nearest(this.#points.test),
    });
  }

  #uplotOptions(): uPlot.Options {
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const axis = {
      stroke: colour('--muted'),
      font: `13px ${style.fontFamily}`,
      grid: { stroke: colour('--rule'), width: 1 },
      ticks: { show: false },
    };
    const isShare = this.#options.measure === 'accuracy';
    return {
      width: this.#plotHost.clientWidth || 400,
      height: this.#plotHost.clientHeight || 260,
      legend: { show: false },
      padding: [8, 12, 0, 0],
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: {
        x: { time: false, range: () => [0, this.#most] },
        y: isShare
          ? { range: () => [0, 1] }
          : { distr: this.#isLog ? 3 : 1, range: (_, least, most) => this.#lossRange(least, most) },
      },
      axes: [
        {
          ...axis,
          size: 28,
          gap: 6,
          grid: { show: false },
          incrs: [1, 2, 5, 10, 20, 50, 100, 200],
        },
        {
          ...axis,
          size: isShare ? 52 : 46,
          values: (_, ticks) => ticks.map((tick) => this.#tickText(tick)),
        },
      ],
      series: [
        {},
        {
          stroke: colour('--blue'),
          width: 1,
          alpha: 0.22,
          points: { show: false },
          spanGaps: true,
        },
        { stroke: colour('--blue'), width: 2, points: { show: false }, spanGaps: true },
        {
          stroke: colour('--orange'),
          width: 2,
          points: { show: true, size: 5, fill: colour('--orange'), width: 0 },
          spanGaps: true,
        },
      ],
      hooks: { setCursor: [(plot) => this.#hover(plot)] },
    };
  }

  /** Of a tick; in a logarithmic chart of 1, 2 and 5 times a power of ten alone. */
  #tickText(tick: number | null): string {
    if (tick === null) return '';
    if (this.#options.measure === 'accuracy') return this.#options.format(tick).replace('.0', '');
    const [mantissa] = tick.toExponential(1).split('e');
    const isRound = ['1.0', '2.0', '5.0'].includes(mantissa ?? '');
    return this.#isLog && !isRound ? '' : String(Number(tick.toPrecision(2)));
  }

  /** From 0, or in a logarithmic chart from the power of ten below. */
  #lossRange(least: number | null, most: number | null): [number, number] {
    if (!this.#isLog) return [0, Math.max(0.5, (most ?? 2.5) * 1.04)];
    return [Math.max(1e-4, (least ?? 0.1) * 0.8), (most ?? 3) * 1.2];
  }
}

function dataOf({ x, raw, train, test }: Points): uPlot.AlignedData {
  return [x, raw, train, test] as unknown as uPlot.AlignedData; // uPlot only reads them
}
