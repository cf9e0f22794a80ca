/** Text that becomes HTML. @module */
import { printable } from './printable.ts';

/** Text that may hold anything, in one line. */
export function escapeHtml(text: string): string {
  return printable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
