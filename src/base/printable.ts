/** Names and messages as they may be shown: folders, files and what they hold may be called anything. @module */

/**
 * What steers a terminal or turns the reading direction: control characters (C0, C1 and DEL, line ends too), marks of direction,
 * separators of lines and paragraphs, halves of surrogate pairs, and noncharacters, which terminal.ts keeps for itself.
 */
const STEERING = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\uFDD0-\uFDEF]/gu;

/** The text in one line that steers nothing: `\u001b` in the place of an escape. JSON stays the same JSON. */
export function printable(text: string): string {
  return text.replaceAll(
    STEERING,
    (steering) => `\\u${steering.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
