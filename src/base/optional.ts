/** Packages that only some uses need, loaded when they are. @module */
import { printable } from './printable.ts';

/** A package that cannot be imported. No file and no option is at fault. */
export class PackageError extends Error {}

/**
 * Imports an optional dependency.
 * @param name The package and its version, such as `sharp@0.35.5`.
 * @throws {PackageError} in one line, what to install, if it is absent or broken.
 */
export async function importOptional<T>(
  name: string,
  purpose: string,
  load: () => Promise<T>,
): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const [state, advice] = isAbsent(name, cause)
      ? ['is not installed', 'Run']
      : [`could not be loaded (${reasonOf(cause)})`, 'Mend that, or install it anew'];
    throw new PackageError(
      `${purpose}: expected the package ${name}, which ${state}. ${advice}: npm i ${name}`,
      { cause },
    );
  }
}

/** Whether it is this package that was not found, and not one that it needs or a file of it. */
function isAbsent(name: string, cause: unknown): boolean {
  const { code, message = '' } = Object(cause) as { code?: unknown; message?: string };
  const bare = name.replace(/(?<=.)@.*/, '');
  const isNotFound = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  return isNotFound && [`'${bare}'`, `'${bare}/`].some((quoted) => message.includes(quoted));
}

/** The first line of what went wrong, without its last stop. */
function reasonOf(cause: unknown): string {
  const { message } = Object(cause) as { message?: unknown };
  const [line = ''] = String(message ?? cause).split('\n');
  return printable(line).replace(/[\s.:]+$/, '');
}
