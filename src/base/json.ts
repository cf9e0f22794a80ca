/**
 * JSON that a stranger wrote: engines tell its faults in words of their own, and keep the last of two equal keys without a word
 * (RFC 8259, section 4, leaves it open), where another reader may keep the first.
 * @module
 */
import { quote } from './errors.ts';

/** White space and a mark, a text, or a number or name. */
const TOKEN =
  /[ \t\n\r]*(?:([{}[\],:])|("[^"\\\n\r\t]*(?:\\.[^"\\\n\r\t]*)*")|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y;

/**
 * The value of a JSON text in which no object names a key twice.
 * @throws {SyntaxError} whose message is a remark: `no JSON from line 3, column 5 on`, or `the name "a" twice`.
 */
export function parseStrictJson(text: string): unknown {
  const value: unknown = attempt(text);
  const repeated = repeatedKey(text);
  if (repeated !== undefined) throw new SyntaxError(`the name ${quote(repeated, 40)} twice`);
  return value;
}

function attempt(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const lines = text.slice(0, faultOf(text)).split('\n');
    const column = (lines.at(-1)?.length ?? 0) + 1;
    throw new SyntaxError(`no JSON from line ${lines.length}, column ${column} on`, {
      cause,
    });
  }
}

/** The first key that an object of a JSON text names twice. */
function repeatedKey(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  const token = new RegExp(TOKEN);
  let last = '';
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    const [, mark, string] = found;
    if (mark === '{') open.push(new Set());
    else if (mark === '[') open.push(undefined);
    else if (mark === '}' || mark === ']') open.pop();
    else if (mark === ':') {
      const key = JSON.parse(last) as string; // a text is before each colon
      const keys = open.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
    if (string !== undefined) last = string;
  }
  return undefined;
}

/** Where a text stops being the beginning of JSON. */
function faultOf(text: string): number {
  const open: string[] = [];
  const token = new RegExp(TOKEN);
  // what may come next: a value, a key, a colon, or what follows a value; and whether what is open may end here
  let next: 'value' | 'key' | 'colon' | 'end' = 'value';
  let canClose = false;
  for (let at = 0; ; at = token.lastIndex) {
    const found = token.exec(text);
    const start = text.length - text.slice(at).trimStart().length;
    if (found === null) return start;
    const [, mark, string] = found;
    const isClosing = mark === '}' || mark === ']';
    if (isClosing) {
      if (!(canClose || next === 'end') || open.pop() !== mark) return start;
      [next, canClose] = ['end', false];
    } else if (next === 'end') {
      if (mark !== ',' || open.length === 0) return start;
      next = open.at(-1) === '}' ? 'key' : 'value';
    } else if (next === 'key') {
      if (string === undefined) return start;
      [next, canClose] = ['colon', false];
    } else if (next === 'colon') {
      if (mark !== ':') return start;
      next = 'value';
    } else if (mark === '{' || mark === '[') {
      open.push(mark === '{' ? '}' : ']');
      [next, canClose] = [mark === '{' ? 'key' : 'value', true];
    } else {
      if (mark !== undefined) return start;
      [next, canClose] = ['end', false];
    }
  }
}
