import type { Browser } from 'playwright-core';
import playwright from 'playwright-core-1.55';

/**
 * A Firefox as its makers build it, driven by WebDriver BiDi. A later playwright-core asks for more of that protocol than
 * Firefox 140, the one with extended support, knows.
 */
export async function startFirefox(executablePath: string): Promise<Browser> {
  const started: unknown = await playwright._bidiFirefox.launch({
    channel: 'moz-firefox',
    executablePath,
    headless: true,
    firefoxUserPrefs: {
      // What a page reads from the clipboard is asked of nobody.
      'dom.events.testing.asyncClipboard': true,
      // The list of downloads would open, and the page be told of no focus while it is.
      'browser.download.alwaysOpenPanel': false,
      // A mouse, which can hover: without a screen it has none.
      'ui.primaryPointerCapabilities': 6,
      'ui.allPointerCapabilities': 6,
      'ui.prefersReducedMotion': 1,
    },
  });
  return started as Browser;
}
