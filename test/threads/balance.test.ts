/** Work is shared while that is faster, and done alone while that is; a single slow moment changes nothing. */
import { describe, expect, it } from 'vitest';
import { Balance } from '../../src/threads/balance.ts';
import { testRandom } from '../support/random.ts';

/** Runs for so many milliseconds; each takes what its way takes. @returns the milliseconds that were spent alone. */
function run(balance: Balance, milliseconds: number, shared: number, alone: number): number {
  let spentAlone = 0;
  for (let spent = 0; spent < milliseconds; ) {
    const time = balance.isShared ? shared : alone;
    if (!balance.isShared) spentAlone += time;
    balance.note(time);
    spent += time;
  }
  return spentAlone;
}

describe('a balance', () => {
  it('begins shared, and looks ever more rarely whether one thread is faster', () => {
    const balance = new Balance(2);
    expect(balance.isShared).toBe(true);
    const early = run(balance, 4000, 0.6, 1);
    const late = run(balance, 60_000, 0.6, 1);
    expect(early).toBeGreaterThan(0);
    expect(early / 4000).toBeLessThan(0.05);
    expect(late / 60_000).toBeLessThan(0.007);
    expect(balance.isShared).toBe(true);
  });

  it.each([
    [130, 260, 2],
    [1000, 2000, 2],
    [100, 700, 8],
    [4000, 28_000, 8],
  ])('loses little to looks, also if a run takes %i ms, alone %i', (shared, alone, threads) => {
    const balance = new Balance(threads);
    let time = 0;
    for (let n = 0; n < 500; n++) {
      const spent = balance.isShared ? shared : alone;
      balance.note(spent);
      time += spent;
    }
    expect(time / (500 * shared)).toBeLessThan(1.04);
  });

  it('loses little to looks where the times of runs scatter by a quarter', () => {
    const balance = new Balance(2);
    const random = testRandom(1);
    let [time, best] = [0, 0];
    for (let n = 0; n < 20_000; n++) {
      const scatter = 1 + (random() - 0.5) / 2;
      const spent = scatter * (balance.isShared ? 20 : 40);
      balance.note(spent);
      time += spent;
      best += scatter * 20;
    }
    expect(time / best).toBeLessThan(1.03);
  });

  it('goes alone where sharing is slower, within a second, and stays so', () => {
    const balance = new Balance(2);
    run(balance, 1000, 1.25, 1);
    expect(run(balance, 10_000, 1.25, 1)).toBeGreaterThan(9_800);
  });

  it('goes alone soon after a neighbour has come, however long it was quiet', () => {
    const balance = new Balance(2);
    run(balance, 60_000, 0.6, 1);
    run(balance, 1000, 1.3, 1);
    expect(run(balance, 10_000, 1.3, 1)).toBeGreaterThan(9_800);
  });

  it('shares again within seconds after the neighbour has gone', () => {
    const balance = new Balance(2);
    run(balance, 20_000, 1.3, 1);
    run(balance, 7000, 0.6, 1);
    expect(run(balance, 10_000, 0.6, 1)).toBeLessThan(100);
  });

  it('does not change its way for a look that was lucky once, or for one slow moment', () => {
    const balance = new Balance(2);
    run(balance, 90, 1, 1.5);
    let looks = 0;
    while (looks < 1) {
      const isLook = !balance.isShared;
      balance.note(isLook ? 0.9 : 1);
      if (isLook && balance.isShared) looks++;
    }
    expect(run(balance, 10_000, 1, 1.5)).toBeLessThan(500);
    balance.note(400);
    expect(run(balance, 10_000, 1, 1.5)).toBeLessThan(500);
  });

  it('counts every run that is longer than a window', () => {
    const balance = new Balance(2);
    run(balance, 8000, 130, 100);
    expect(balance.isShared).toBe(false);
  });
});
