import type { Settings } from './settings.ts';

/** Shows the page in the theme and the size of text that were chosen; `base.css` has the rest. */
export function applyAppearance({ theme, textSize }: Partial<Settings>): void {
  const { dataset } = document.documentElement;
  dataset.theme = theme ?? 'system';
  dataset.textSize = textSize ?? 'normal';
  // What browsers draw around the page: each of these is for one theme.
  for (const color of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    const { scheme } = color.dataset;
    if (theme === 'light' || theme === 'dark') color.media = theme === scheme ? 'all' : 'not all';
    else color.media = `(prefers-color-scheme: ${scheme})`;
  }
}
