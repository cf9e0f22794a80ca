/** The optional package of progress bars. @module */

/** The package, or undefined if it cannot be loaded: a command works as well without a bar. */
export async function loadBars(): Promise<typeof import('cli-progress') | undefined> {
  return (await import('cli-progress').catch(() => undefined))?.default;
}
