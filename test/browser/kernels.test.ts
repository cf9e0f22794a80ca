/** convlet/kernels in pages: the same module, fetched, and over a shared memory if there is one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BrowserKind } from '../support/browser.ts';
import { describeInBrowser } from '../support/describeInBrowser.ts';
import { convletFolders, importMapPage, strictPolicy } from '../support/page.ts';
import { serve, type TestServer } from '../support/server.ts';

const script = `
import { loadKernels } from 'convlet/kernels';
const output = document.querySelector('p');
const memory = new WebAssembly.Memory({ initial: 2, maximum: 8, shared: true });
for (const options of [{}, { memory, start: 64 }]) {
  const { arena, ...k } = await loadKernels(options);
  const [a, b, c] = [arena.alloc(16), arena.alloc(16), arena.alloc(16)];
  const scratch = arena.alloc(k.gemmScratchBytes(2, 2, 2));
  arena.f32(a, 4).set([1, 2, 3, 4]);
  arena.f32(b, 4).set([5, 6, 7, 8]);
  k.gemmNN(c, a, b, scratch, 2, 2, 2);
  output.append(arena.f32(c, 4).join(' ') + '; ');
}
output.append('done');
`;
const html = importMapPage(script, '<p></p>');

describe.each<BrowserKind>(['chromium', 'firefox'])('%s', (kind) => {
  describeInBrowser(kind, 'loadKernels', (inBrowser) => {
    let server: TestServer;
    beforeAll(async () => {
      const csp = strictPolicy(html);
      server = await serve({ folders: convletFolders, pages: { '/': html }, isolated: true, csp });
    });
    afterAll(() => server.close());

    it('computes under the strictest policy', async () => {
      const { page, problems } = await inBrowser.open(server.origin);
      await page.waitForFunction('document.querySelector("p").textContent.endsWith("done")');
      const text = await page.evaluate('document.querySelector("p").textContent');
      expect(text).toBe('19 22 43 50; 19 22 43 50; done');
      expect(problems.all()).toEqual([]);
      const modules = server.requests.filter((path) => path.endsWith('.wasm'));
      expect(modules).toEqual(['/dist/kernels.wasm', '/dist/kernels.threads.wasm']);
    });
  });
});
