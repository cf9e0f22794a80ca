/** Files for the reader to keep. @module */

/** A file to be. */
export interface Download {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Milliseconds between two files: a browser that is given two at once may keep only one. */
const BETWEEN = 300;

/** Hands a file to the browser's downloads. */
export function download({ name, bytes }: Download): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Hands over several, one after another. */
export async function downloadAll(files: readonly Download[]): Promise<void> {
  for (const [index, file] of files.entries()) {
    if (index > 0) await new Promise((resolve) => setTimeout(resolve, BETWEEN));
    download(file);
  }
}
