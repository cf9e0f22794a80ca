/** Reads data sets beside the page: a CSV of many pictures takes seconds. @module */
import { decodeDataset } from 'convlet/formats';
import type { Digits } from '../digits.ts';
import { wordsOf } from '../errors.ts';
import type { NamedFile } from '../fileKind.ts';
import { checkShown } from './check.ts';
import { digitsOfIdx } from './idx.ts';

export type Reply = { readonly digits: Digits } | { readonly error: string };

addEventListener('message', async ({ data: files }: MessageEvent<readonly NamedFile[]>) => {
  try {
    const isIdx = files[0]?.kind !== 'dataset';
    // the palettes of the page have one colour: coloured pictures become grey
    const { train, test } = isIdx
      ? digitsOfIdx(files)
      : await decodeDataset(files, { channels: 1 });
    const name = files.map((file) => file.name).join(', ');
    for (const part of [train, test]) checkShown(part, name);
    const buffers = new Set(
      [train, test].flatMap((part) => [part.images.buffer, part.labels.buffer]),
    );
    const reply: Reply = { digits: { train, test } };
    postMessage(reply, { transfer: [...buffers] as ArrayBuffer[] }); // none of them is shared
  } catch (error) {
    postMessage({ error: wordsOf(error) } satisfies Reply);
  }
});
