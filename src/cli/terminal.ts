/**
 * The one place where the commands print: data to stdout, messages to stderr. What lines hold may come from files: what would
 * steer the terminal is shown as an escape, such as `\u001b`. Lines for people that are wider than the terminal are broken
 * between words.
 * @module
 */
import type { WriteStream } from 'node:tty';
import { printable } from '../base/printable.ts';
import { widthOf } from '../base/textTable.ts';

/** Noncharacters that stand for escape sequences until a line is written: no text has them. */
const STYLES = { bold: '\uFDD0', dim: '\uFDD1', cyan: '\uFDD2' } as const;
const [PLAIN, FIXED_SPACE] = ['\uFDD3', '\uFDD4'];
const WRITTEN: Readonly<Record<string, string>> = {
  [STYLES.bold]: '\u001b[1m',
  [STYLES.dim]: '\u001b[2m',
  [STYLES.cyan]: '\u001b[36m',
  [PLAIN]: '\u001b[0m',
  [FIXED_SPACE]: ' ',
};

/** Gives text a colour or a weight. */
export type Styler = (format: keyof typeof STYLES, text: string) => string;

let isRelayed = false;

/** From here on no stream counts as a terminal: mpirun gives its processes one, and may write what they print into a file. */
export function relay(): void {
  isRelayed = true;
}

/** Whether a stream is a terminal that people read. */
export function isTerminal({ isTTY }: NodeJS.WriteStream): boolean {
  return isTTY && !isRelayed;
}

/** Colours text if the stream shows colours. NO_COLOR turns colours off. */
export function styler(stream: NodeJS.WriteStream): Styler {
  return hasColours(stream)
    ? (format, text) => `${STYLES[format]}${text}${PLAIN}`
    : (_, text) => text;
}

function hasColours(stream: NodeJS.WriteStream): boolean {
  return isTerminal(stream) && (stream as unknown as WriteStream).hasColors();
}

/** A text that is not broken, such as a command to copy. */
export function unbroken(text: string): string {
  return text.replaceAll(' ', FIXED_SPACE);
}

let isMuted = false;

/** From here on nothing is printed. */
export function mute(): void {
  isMuted = true;
}

/** From here on it is again. @returns whether nothing was. */
export function unmute(): boolean {
  const wasMuted = isMuted;
  isMuted = false;
  return wasMuted;
}

/** Prints lines for programs. */
export function print(...lines: readonly string[]): void {
  if (isMuted) return;
  for (const line of lines) process.stdout.write(`${printable(line)}\n`);
}

/** Prints text of which no character may change, such as CSV: only a terminal gets lines as `print` writes them. */
export function printExactly(text: string): void {
  if (isTerminal(process.stdout)) print(...text.split('\n'));
  else process.stdout.write(`${text}\n`);
}

/** Prints lines for people on stdout. */
export function show(...lines: readonly string[]): void {
  write(process.stdout, lines);
}

/** Prints messages on stderr. */
export function tell(...lines: readonly string[]): void {
  write(process.stderr, lines);
}

/** Characters of a line: those of the terminal, or otherwise of COLUMNS; without both there is no limit. */
export function columnsOf(stream: NodeJS.WriteStream): number {
  const given = isTerminal(stream) ? stream.columns : Number(process.env.COLUMNS);
  return given > 0 ? given : Number.POSITIVE_INFINITY;
}

function write(stream: NodeJS.WriteStream, lines: readonly string[]): void {
  if (isMuted) return;
  const written = lines
    .flatMap((line) => breakLine(escaped(line), columnsOf(stream)))
    .map((line) => line.replaceAll(/[\uFDD0-\uFDD4]/g, (mark) => WRITTEN[mark] ?? ''));
  stream.write(written.map((line) => `${line}\n`).join(''));
}

/** All but our marks. */
function escaped(line: string): string {
  return line.replaceAll(/[^\uFDD0-\uFDD4]+/g, printable);
}

/** A line in parts that fit; all but the first are indented. A word that is too long stays whole. */
function breakLine(line: string, width: number): string[] {
  const parts: string[] = [];
  const indent = `${/^ */.exec(line)?.[0] ?? ''}  `;
  let part = '';
  for (const [word] of line.matchAll(/^ *[^ ]*| +[^ ]*/g)) {
    if (part !== '' && widthOf(part + word) > width) {
      parts.push(part);
      part = indent + word.trimStart();
    } else part += word;
  }
  return [...parts, part];
}

/** What became of the streams. */
let mustFinish = false;

/** From here on a reader that stops early, as `head` does, no longer ends the command: it has files to write. */
export function finishUnread(): void {
  mustFinish = true;
}

/**
 * A reader of stdout that stops early ends the command quietly, unless it has files to write. Any other failure is told, and the
 * command fails.
 */
export function watchStreams(): void {
  process.stderr.on('error', () => {}); // there is no other place to tell it
  process.stdout.on('error', ({ code = 'an error' }: NodeJS.ErrnoException) => {
    const isUnread = code === 'EPIPE';
    if (!isUnread && !process.exitCode) {
      tell(`convlet: stdout: expected to write, got ${code}. Make room, or send it elsewhere.`);
      process.exitCode = 1;
    }
    if (!mustFinish) process.exit(isUnread ? 0 : 1);
  });
}

/** Sets the exit code of the command, unless writing to stdout has failed and the code would be 0. */
export function endWith(code: number): void {
  if (code !== 0) process.exitCode = code;
}
