/** Pictures that cannot be decoded are refused in one plain line, whatever the decoder says of them. */
import { expect, it } from 'vitest';
import { readPictureFacts } from '../../src/node/picture.ts';

it('a decoder that quotes the file cannot reach the terminal', async () => {
  const xml = `<svg xmlns="\u009b31mRED${'x'.repeat(10_000)}" width="9" height="9"/>`;
  const message = await readPictureFacts(new TextEncoder().encode(xml), 'f').then(
    () => '',
    (error: Error) => error.message,
  );
  expect(message).toMatch(/^f: expected a picture.{1,300}\.$/);
  expect(message).not.toMatch(/\p{Cc}/u);
});
