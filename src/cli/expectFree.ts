/** A name that a command may write to. @module */
import { stat } from 'node:fs/promises';

/** @throws {Error} if there is a file, or anything else, of that name. */
export async function expectFree(out: string): Promise<void> {
  const isTaken = await stat(out).then(
    () => true,
    () => false, // told when it is written
  );
  if (!isTaken) return;
  throw new Error(
    `${out}: expected a name that is free, got one that is taken. Use another --out, or --overwrite.`,
  );
}
