/** The network as a page of one file. */
import { layers } from 'convlet';
import { afterEach, expect, it, vi } from 'vitest';
import { readyPage } from '../../demo/src/learn/ready/readyPage.ts';

afterEach(() => vi.unstubAllGlobals());

const model = {
  spec: { inputShape: [1, 2, 2], layers: [layers.flatten(), layers.softmax()] },
  seed: 1,
  weights: new Map(),
};

it('refuses what came instead of the empty page', async () => {
  const answers: readonly [string, number][] = [
    ['<title>Not here</title>', 200],
    ['<!--content-->', 500],
  ];
  for (const [text, status] of answers) {
    vi.stubGlobal('fetch', async () => new Response(text, { status }));
    await expect(readyPage(model, 32)).rejects.toThrow(
      'The page to put it in did not come. Load this page anew, and try again.',
    );
  }
  vi.stubGlobal('fetch', async () => new Response('<!--content-->'));
  const { bytes } = await readyPage(model, 32);
  expect(new TextDecoder().decode(bytes as Uint8Array)).toContain('{"side":32,"model":"');
});
