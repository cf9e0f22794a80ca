/** The page in another one (`?embed=1`): picture, network and training, without the text around them. @module */
import { isEmbedded, wholePage } from './address.ts';
import { byId } from './dom.ts';
import type { Settings } from './settings.ts';
import type { Store } from './store.ts';

/** Leaves the text out (styles/embed.css), and leads from there to the whole page. */
export function connectEmbed(settings: Store<Settings>): void {
  if (!isEmbedded()) return;
  document.documentElement.dataset.embed = '';
  const link = byId('whole-page', HTMLAnchorElement);
  link.hidden = false;
  settings.watch((value) => {
    link.href = wholePage(value);
  });
}
