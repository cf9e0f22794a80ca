/** The same seed gives the same bytes on every engine, on one thread and on two. `npm run test:engines` prints a table. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Digits, writeDigits } from '../engines/digits.ts';
import type { Engine, MissingEngine } from '../engines/engine.ts';
import { COMPARED, measure, type Row } from '../engines/measure.ts';
import { startEngines } from '../engines/roster.ts';
import { isContinuousIntegration } from '../support/browser.ts';

const NAMES = ['Node', 'Node 24', 'Node 24 wide', 'Chromium', 'Firefox', 'Bun', 'Deno'];

let digits: Digits;
let engines: (Engine | MissingEngine)[];

beforeAll(async () => {
  digits = await writeDigits();
  engines = await startEngines(digits.path);
});
afterAll(async () => {
  await Promise.all(present(engines ?? []).map((engine) => engine.close()));
  digits.remove();
});

function present(all: readonly (Engine | MissingEngine)[]): Engine[] {
  return all.filter((engine) => 'train' in engine);
}

it('finds every engine, or names the missing ones', () => {
  expect(engines.map(({ name }) => name)).toEqual(NAMES);
  for (const engine of engines) {
    if (!('missing' in engine)) continue;
    expect(isContinuousIntegration(), `${engine.name}: ${engine.missing}`).toBe(false);
    console.info(`skipped ${engine.name}: ${engine.missing}`);
  }
});

describe('the reference network', () => {
  let rows: Row[];
  beforeAll(async () => {
    rows = await measure(engines, COMPARED);
  });

  it('trains on each engine, which tells its name', () => {
    expect(rows.map(({ failed, version }) => failed && `${version}: ${failed}`)).toEqual(
      rows.map(() => undefined),
    );
    for (const { name, version } of rows) {
      const [engine, major = '', wide = ''] = name.split(' ');
      expect(version).toMatch(new RegExp(`^${engine} ${major}[.\\d]+${wide && ` ${wide}`}$`));
    }
  });

  it('has the same weights everywhere, on one thread and on two', () => {
    expect(new Set(rows.map(({ threads }) => threads))).toEqual(new Set([1, 2]));
    expect(new Set(rows.map(({ weightsSha256 }) => weightsSha256)).size).toBe(1);
  });
});

describe.each([
  ['lenet5', 'sgd'],
  ['reference', 'momentum'],
  ['reference', 'nesterov'],
  ['lenet5', 'adam'],
  ['reference', 'adamw'],
  ['reference', 'rmsprop'],
] as const)('%s with %s', (model, optimizer) => {
  it('has the same weights everywhere, on one thread and on two', async () => {
    const [node] = present(engines);
    const job = { model, optimizer, epochs: 2, images: 2000 };
    const expected = await node?.train('process', { ...job, threads: 1 });
    expect(expected?.weightsSha256).toMatch(/^[0-9a-f]{64}$/);
    for (const engine of present(engines)) {
      const shared = engine.settings.filter(({ threads }) => threads === 2);
      expect(shared).toHaveLength(1);
      for (const { place, threads } of shared) {
        const { weightsSha256 } = await engine.train(place, { ...job, threads });
        expect(weightsSha256, engine.name).toBe(expected?.weightsSha256);
      }
    }
  });
});
