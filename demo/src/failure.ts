/** A page that cannot start says so where the network would be, and wherever it speaks of loading. @module */
import { byId, make, setText } from './dom.ts';
import { wordsOf } from './errors.ts';

export function showFailure(error: unknown): void {
  const text = wordsOf(error);
  byId('columns', HTMLElement).replaceChildren(
    make(
      'div',
      { class: 'failure', role: 'alert' },
      make('h3', {}, 'This page cannot train here'),
      make('p', {}, text),
      make('p', { class: 'note' }, adviceOf(text)),
    ),
  );
  setText(byId('progress-text', HTMLElement), 'Not started');
  setText(byId('notice', HTMLElement), text);
  setText(byId('pad-hint', HTMLElement), '');
}

function adviceOf(text: string): string {
  if (/SIMD|WebAssembly/.test(text)) {
    return 'It needs WebAssembly with SIMD: Chrome or Edge 91, Firefox 89, Safari 16.4, or newer, on a processor that has it.';
  }
  return 'Reload the page. If this message comes back, some files of the page are missing on its server.';
}
