/** Tables are columns if they fit, and otherwise lists. */
import { expect, it } from 'vitest';
import { tableLines, widthOf } from '../../src/base/textTable.ts';

const columns = [
  { heading: 'kernel', isText: true as const },
  { heading: 'rate' },
  { heading: '' },
  { heading: 'limit' },
];
const rows = [
  ['gemm', '12.5', 'GFLOP/s', '80 %'],
  ['zero', '8', 'GB/s', ''],
];

it('has columns, closer ones on a narrow terminal, and a list on a narrower one', () => {
  expect(tableLines(columns, rows)).toEqual({
    head: 'kernel  rate           limit',
    lines: ['gemm    12.5  GFLOP/s   80 %', 'zero       8     GB/s'],
  });
  expect(tableLines(columns, rows, 25).lines[0]).toBe('gemm   12.5 GFLOP/s  80 %');
  expect(tableLines(columns, rows, 24)).toEqual({
    head: '',
    lines: ['kernel gemm: rate 12.5 GFLOP/s, limit 80 %', 'kernel zero: rate 8 GB/s'],
  });
});

it('names a row without a name after its next cell', () => {
  expect(tableLines(columns, [['', '1', '', '2 %']], 1).lines).toEqual(['rate 1: limit 2 %']);
});

it('counts characters as they are shown', () => {
  expect(widthOf('\uFDD0ä😀\uFDD3')).toBe(2);
});
