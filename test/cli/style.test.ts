/** Figures are printed for people. */
import { expect, it } from 'vitest';
import { counted, formatSeconds, quoted } from '../../src/cli/style.ts';

it('writes times so that no minute has sixty seconds', () => {
  expect([0, 59.99, 60, 119.6, 125].map(formatSeconds)).toEqual([
    '0.00 s',
    '59.99 s',
    '1 min 0 s',
    '2 min 0 s',
    '2 min 5 s',
  ]);
});

it('prints a count with its noun', () => {
  expect([0, 1, 1000].map((count) => counted(count, 'epoch'))).toEqual([
    '0 epochs',
    '1 epoch',
    '1,000 epochs',
  ]);
});

it('quotes an argument that a shell would take apart', () => {
  expect(quoted('runs/2026-11-23T18-04-09.123/a:b')).toBe('runs/2026-11-23T18-04-09.123/a:b');
  const windows = process.platform === 'win32';
  expect(quoted('my runs/$a')).toBe(windows ? '"my runs/$a"' : "'my runs/$a'");
  if (!windows) expect(quoted("it's")).toBe("'it'\\''s'");
});
