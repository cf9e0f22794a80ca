/** Data beside a checkout on the machine of a developer of Convlet: golden vectors and the full MNIST. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Path inside `../shared`, or undefined, with a notice, where it is absent. */
export function sharedPath(path: string): string | undefined {
  const full = fileURLToPath(new URL(`../../../shared/${path}`, import.meta.url));
  if (existsSync(full)) return full;
  console.info(`skipped: ../shared/${path} is not on this machine`);
  return undefined;
}
