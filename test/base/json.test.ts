/** JSON with every name once; what is wrong is told by its place, in no engine's words. */
import { describe, expect, it } from 'vitest';
import { parseStrictJson } from '../../src/base/json.ts';

describe('parseStrictJson', () => {
  it.each([
    '{}',
    ' [1, -2.5e3, "a:b", true, null, {"a": {"a": [], "b": {}}}, {"a": 1}]\n',
    '"{\\"a\\":1,\\"a\\":2}"',
    '{"a\\"": 1, "a": 2, "\\\\": 3}',
    '"\u007f\u009f"',
    '5',
  ])('reads %j as JSON.parse does', (text) => {
    expect(parseStrictJson(text)).toEqual(JSON.parse(text));
  });

  it.each([
    ['{"a": 1, "b": 2, "a": 1}', 'the name "a" twice'],
    ['[{"a": {"x": 1, "\\u0078": 2}}]', 'the name "x" twice'],
    ['{"__proto__": 1, "__proto__": 2}', 'the name "__proto__" twice'],
  ])('refuses %s', (text, message) => {
    expect(() => parseStrictJson(text)).toThrow(message);
  });

  it.each([
    ['', 1, 1],
    ['{', 1, 2],
    ['{"a": 1,}', 1, 9],
    ['{"a" 1}', 1, 6],
    ['{a: 1}', 1, 2],
    ['[1, 2,\n  3 4]', 2, 5],
    ['[1}', 1, 3],
    ['{"a": NaN}', 1, 7],
    ['{"a": "b\nc"}', 1, 7],
    ['[] []', 1, 4],
    ['[,]', 1, 2],
    ['{"a": }', 1, 7],
    [']', 1, 1],
  ])('tells where %j is no JSON', (text, line, column) => {
    expect(() => parseStrictJson(text)).toThrow(
      new SyntaxError(`no JSON from line ${line}, column ${column} on`),
    );
  });

  it('bears nesting and names without end', () => {
    const deep = `${'['.repeat(1e5)}${']'.repeat(1e5)}`;
    expect(parseStrictJson(deep)).toHaveLength(1);
    expect(() => parseStrictJson(deep.slice(1))).toThrow('no JSON from line 1, column 199999 on');
    const long = `{"${'x'.repeat(1e6)}": "${'\\n'.repeat(1e6)}"}`;
    expect(parseStrictJson(long)).toEqual(JSON.parse(long));
  });
});
