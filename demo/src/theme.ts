/** Light or dark: the system's choice, until the reader makes one. @module */
import { onClick, setText } from './dom.ts';
import { Store } from './store.ts';

export type Theme = 'light' | 'dark';

/** What a pen writes with. */
export const INK: Readonly<Record<Theme, string>> = { light: '#1c2129', dark: '#f2f0ea' };

const KEY = 'convlet-theme';

/** Sets the theme, and keeps it in the button's care. */
export function createTheme(): Store<Theme> {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const theme = new Store<Theme>(remembered() ?? (system.matches ? 'dark' : 'light'));
  system.addEventListener('change', () => {
    if (remembered() === undefined) theme.set(system.matches ? 'dark' : 'light');
  });
  const button = onClick('theme', () => {
    const chosen = theme.value === 'dark' ? 'light' : 'dark';
    remember(chosen);
    theme.set(chosen);
  });
  theme.watch((value) => {
    document.documentElement.dataset.theme = value;
    setText(button, value === 'dark' ? 'Light' : 'Dark');
    button.setAttribute('aria-label', `Use ${value === 'dark' ? 'light' : 'dark'} colours`);
  });
  return theme;
}

/** Storage may be forbidden: then nothing is remembered. */
function remembered(): Theme | undefined {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'light' || value === 'dark' ? value : undefined;
  } catch {
    return undefined;
  }
}

function remember(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // forbidden: the theme lasts as long as the page
  }
}
