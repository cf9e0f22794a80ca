/**
 * The network as a page of one file: the page that vite/readyPage.ts has built, with a model in it.
 *
 *   <script type="application/json" id="model">{ "side": 32, "model": "base64 of model.safetensors" }</script>
 * @module
 */
import { encodeModel, type ModelFile } from 'convlet/formats';
import type { Download } from '../../download.ts';

/** What the page has in it. */
export interface Content {
  /** Side of the square that the network reads. */
  readonly side: number;
  /** A model.safetensors, base64. */
  readonly model: string;
}

/** Where the built page waits for its content. */
const PLACE = '<!--content-->';

/** @throws {Error} if the empty page cannot be fetched. */
export async function readyPage(model: ModelFile, side: number): Promise<Download> {
  const response = await fetch(new URL('../../../generated/readyPage.txt', import.meta.url));
  const page = await response.text();
  if (!response.ok || !page.includes(PLACE)) {
    throw new Error('The page to put it in did not come. Load this page anew, and try again.');
  }
  const content: Content = { side, model: base64(encodeModel(model)) };
  const [before = '', after = ''] = page.split(PLACE);
  // base64 and a number: nothing that could end the script
  const html = `${before}<script type="application/json" id="model">${JSON.stringify(content)}</script>${after}`;
  return { name: 'my-network.html', bytes: new TextEncoder().encode(html) };
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
