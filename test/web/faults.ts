import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** What axe-core finds wrong with the page as it is, from left to right and from right to left. */
export async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(`(async () => {
    const faults = [];
    for (const direction of ['rtl', 'ltr']) {
      document.documentElement.dir = direction;
      const { violations } = await axe.run();
      for (const { id, nodes } of violations)
        faults.push(direction + ' ' + id + ': ' + nodes.map(({ html }) => html.slice(0, 120)).join(' | '));
    }
    return faults;
  })()`);
}
