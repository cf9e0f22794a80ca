/** Pictures that cannot be decoded are refused in one plain line, whatever the decoder says of them. */
import { expect, it } from 'vitest';
import { readPictureFacts } from '../../src/node/picture.ts';
import { refuseDrawing } from '../../src/node/pictureBytes.ts';

it('a decoder that quotes the file cannot reach the terminal', async () => {
  const xml = `<svg xmlns="\u009b31mRED${'x'.repeat(10_000)}" width="9" height="9"/>`;
  const message = await readPictureFacts(new TextEncoder().encode(xml), 'f').then(
    () => '',
    (error: Error) => error.message,
  );
  expect(message).toMatch(/^f: expected a picture.{1,300}\.$/);
  expect(message).not.toMatch(/\p{Cc}/u);
});

it('an AVIF whose first box has 60 bytes, the code of <, is no drawing', () => {
  const refuse = (text: string) => () => refuseDrawing(new TextEncoder().encode(text), 'f');
  expect(refuse('\0\0\0<ftypavif')).not.toThrow();
  for (const text of ['<ftyp><svg/>', '\0<ftyp><svg/>', '\0\0\0<svg/>']) {
    expect(refuse(text)).toThrow('f: expected a picture made of pixels, got a drawing');
  }
});
