/** The address of the page: its settings, whether it is embedded, and the place that is read. @module */
import { formatSettings, type Settings } from './settings.ts';

/** In the address of a page that is shown in another one. */
const EMBED = 'embed';

/** Whether the page is shown in another one: without its text. */
export function isEmbedded(): boolean {
  return new URLSearchParams(location.search).get(EMBED) === '1';
}

/** Makes the address that of these settings. */
export function showAddress(settings: Settings): void {
  const query = formatSettings(settings);
  if (isEmbedded()) query.set(EMBED, '1');
  history.replaceState(null, '', `${pathOf(query)}${location.hash}`);
}

/** The page with its text, under these settings. */
export function wholePage(settings: Settings): string {
  return pathOf(formatSettings(settings));
}

function pathOf(query: URLSearchParams): string {
  return query.size === 0 ? location.pathname : `${location.pathname}?${query}`;
}
