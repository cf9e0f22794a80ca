/** The first file of the command: it loads the others once it knows that this Node runs them. @module */

/** The oldest Node, as package.json says under `engines`. */
const LEAST = [20, 19] as const;

export async function start(): Promise<void> {
  const { node } = process.versions;
  if (runsOn(node)) {
    const { main } = await import('./main.ts');
    return main();
  }
  process.exitCode = 1;
  process.stderr.write(
    `convlet: expected Node ${LEAST.join('.')} or newer, got ${node}. Install a newer one.\n`,
  );
}

/** Whether the command runs on a version of Node, such as `20.19.4`. */
function runsOn(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1]);
}
