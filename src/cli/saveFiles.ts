/** Saves the files of a run, each by itself: one that cannot be written does not take the others with it. @module */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../node/fileErrors.ts';
import { writeFileAtomic } from '../node/files.ts';

type Content = Uint8Array | string;

export interface Saved {
  /** The names of the files that were written. */
  readonly written: readonly string[];
  /** A message for each of the others. */
  readonly failures: readonly string[];
  /** Whether one of them was to be written here, unlike a report whose optional packages are not installed. */
  readonly hasFailed: boolean;
}

/** Name of the report in the folder of a run. */
export const REPORT_FILE = 'report.html';

/**
 * Makes the content of each file and writes it into the folder. The report of an earlier run that could not be replaced is
 * removed, as it tells of something else; other files stay as they were.
 */
export async function saveFiles(
  out: string,
  files: Readonly<Record<string, () => Content | Promise<Content>>>,
): Promise<Saved> {
  const written: string[] = [];
  const failures: string[] = [];
  let hasFailed = false;
  for (const [name, make] of Object.entries(files)) {
    try {
      await writeFileAtomic(join(out, name), await make());
      written.push(name);
    } catch (error) {
      const { message, cause } = error as Error;
      hasFailed ||= errorCode(cause) !== 'ERR_MODULE_NOT_FOUND';
      failures.push(`${name} was not written: ${message}`);
      if (name === REPORT_FILE) await rm(join(out, name), { force: true }).catch(() => {}); // told above
    }
  }
  return { written, failures, hasFailed };
}
