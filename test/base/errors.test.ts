/** Texts of strangers in messages. */
import { expect, it } from 'vitest';
import { quote, describe as shown } from '../../src/base/errors.ts';

it('a quoted text is short, on one line, and holds nothing that a terminal obeys', () => {
  expect(quote('a"b\n')).toBe('"a\\"b\\n"');
  expect(quote('\u001b[31m\u009b31m\u007f\u2028\u202e\u2066')).toBe(
    '"\\u001b[31m\\u009b31m\\u007f\\u2028\\u202e\\u2066"',
  );
  expect(quote('x'.repeat(100), 3)).toBe('"xxx…"');
  expect(quote('ä ٣ 日本')).toBe('"ä ٣ 日本"');
  expect(shown('\u009b31m')).toBe('"\\u009b31m"');
});
