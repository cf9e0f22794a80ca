/** Pictures of a visitor, from files. */
import { expect, it } from 'vitest';
import { pixelsOfFile } from '../../demo/src/learn/pixels.ts';

it('refuses a file of more than 50 MB unread', async () => {
  const large = new Blob([new Uint8Array(50_000_001)]);
  await expect(pixelsOfFile(large, 'large.png')).rejects.toThrow(
    'large.png has more than 50 MB. Make it smaller first.',
  );
});
