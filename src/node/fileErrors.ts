/** Failed system calls in one line. @module */

import { quote } from '../base/errors.ts';

/** The code of a failed system call, such as `ENOENT`, or otherwise the message. */
export function errorCode(cause: unknown): string {
  const { code, message }: { code?: unknown; message?: unknown } =
    cause instanceof Error ? cause : {};
  return String(code ?? message ?? cause);
}

export function fileError(path: string, expected: string, cause: unknown, advice: string): Error {
  if (path.includes('\0')) {
    return new Error(
      `${quote(path, path.length)}: expected a path without the character 0, got one with it. Use another name.`,
      { cause },
    );
  }
  return new Error(`${path}: expected ${expected}, got ${errorCode(cause)}. ${advice}.`, { cause });
}
