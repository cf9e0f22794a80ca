/** Failed system calls in one line. @module */

/** The code of a failed system call, such as `ENOENT`, or otherwise the message. */
export function errorCode(cause: unknown): string {
  const { code, message }: { code?: unknown; message?: unknown } =
    cause instanceof Error ? cause : {};
  return String(code ?? message ?? cause);
}

export function fileError(path: string, expected: string, cause: unknown, advice: string): Error {
  return new Error(`${path}: expected ${expected}, got ${errorCode(cause)}. ${advice}.`, { cause });
}
