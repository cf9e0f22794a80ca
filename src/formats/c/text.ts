/** Texts of a C file. What comes from a model's file is a stranger's: none of it may end a comment. @module */

/** Characters of a line. */
const WIDTH = 120;

/** A single-precision number as C writes it: it is read back exactly. */
export function float(value: number): string {
  const text = String(Number(Math.fround(value).toPrecision(9)));
  return `${/[.e]/.test(text) ? text : `${text}.0`}f`;
}

/** A text of letters, digits, spaces and what harms no comment; other characters become `_`. */
export function harmless(text: string): string {
  return text.replaceAll(/[^\w .,:+()-]/g, '_');
}

/** Items with commas between them, in lines that are indented. */
export function wrapped(items: readonly (string | number)[], indent: string): string {
  const lines: string[] = [];
  let line = indent;
  for (const [i, item] of items.entries()) {
    const text = `${item}${i === items.length - 1 ? '' : ','}`;
    if (line.length + 1 + text.length > WIDTH && line !== indent) {
      lines.push(line);
      line = indent;
    }
    line += line === indent ? text : ` ${text}`;
  }
  return [...lines, line].join('\n');
}

/** A comment of these lines. */
export function comment(lines: readonly string[]): string {
  return ['/*', ...lines.map((line) => ` * ${line}`.trimEnd()), ' */'].join('\n');
}
