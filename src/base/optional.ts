/** Packages that only some uses need, loaded when they are. @module */

/**
 * Imports an optional dependency.
 * @throws {Error} in one line, what to install, where it is absent.
 */
export async function importOptional<T>(
  name: string,
  purpose: string,
  load: () => Promise<T>,
): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw new Error(
      `${purpose}: expected the package ${name}, which is not installed. Run: npm i ${name}`,
      { cause },
    );
  }
}
