import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openPage, pageServer, preparePage, say } from './page-server.ts';

beforeAll(preparePage);

const idle = (page: Page) => page.getByRole('button', { name: 'Send', exact: true }).waitFor();
const version = (page: Page, place: string) => page.getByRole('group', { name: `Version ${place}` });
const go = (page: Page, where: 'Previous' | 'Next') =>
  page.getByRole('button', { name: `${where} version` }).click();

/** Edits the first message of the person. */
async function edit(page: Page, text: string): Promise<void> {
  await page.getByRole('button', { name: 'Edit and send again' }).first().click();
  await page.getByLabel('Edit the message').fill(text);
  await page.keyboard.press('Enter');
  await page.getByRole('log').getByText(`You said “${text}”`).waitFor();
  await idle(page);
}

/** A server whose model repeats what it was told, and how many messages it got. */
const repeating = () =>
  pageServer((input) => {
    const said = input.filter(({ role }) => role === 'user').map(({ content }) => textOf(content));
    return { text: `You said “${said.join('”, “')}”` };
  });

function textOf(content: unknown): string {
  return typeof content === 'string'
    ? content
    : (content as { text: string }[]).map(({ text }) => text).join();
}

describe('what an edit replaces', () => {
  it('is kept: the page goes to it and back, in each tab and after a reload', async () => {
    const server = await repeating();
    const page = await openPage(server);
    await say(page, 'One');
    await page.getByText('You said “One”').waitFor();
    await idle(page);
    await edit(page, 'Two');
    await version(page, '2 of 2').waitFor();
    await edit(page, 'Three');
    await version(page, '3 of 3').waitFor();
    const other = await openPage(server, new URL(page.url()).pathname);
    await version(other, '3 of 3').waitFor();

    await go(page, 'Previous');
    for (const tab of [page, other]) {
      await version(tab, '2 of 3').waitFor();
      await tab.getByText('You said “Two”').waitFor();
      expect(await tab.getByText('You said “Three”').count()).toBe(0);
    }
    await page.reload();
    await version(page, '2 of 3').waitFor();
    await go(page, 'Previous');
    await page.getByText('You said “One”').waitFor();
    await say(page, 'And now?');
    await page.getByText('You said “One”, “And now?”').waitFor();
  });

  it('is gone to by keyboard: the focus stays on the switch, and arrows lead on', async () => {
    const page = await openPage(await repeating());
    await say(page, 'One');
    await page.getByText('You said “One”').waitFor();
    await idle(page);
    await edit(page, 'Two');
    await edit(page, 'Three');
    const focused = () => page.evaluate('document.activeElement.getAttribute("aria-label")');
    await page.getByRole('button', { name: 'Previous version' }).focus();
    await page.keyboard.press('Enter');
    await version(page, '2 of 3').waitFor();
    await expect.poll(focused).toBe('Previous version');
    await page.keyboard.press('ArrowLeft');
    await version(page, '1 of 3').waitFor();
    await expect.poll(focused).toBe('Previous version');
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowRight');
    await version(page, '2 of 3').waitFor();
    await expect.poll(focused).toBe('Next version');
  });
});

describe('a second answer', () => {
  it('keeps the first, with the switch at the answer', async () => {
    let answers = 0;
    const page = await openPage(await pageServer(() => ({ text: `Answer ${++answers}` })));
    await say(page, 'Well?');
    await page.getByText('Answer 1').waitFor();
    await idle(page);
    await page.getByRole('button', { name: 'Answer again' }).click();
    await page.getByText('Answer 2').waitFor();
    const answer = page.locator('.message[data-role="assistant"]');
    await answer.getByRole('group', { name: 'Version 2 of 2' }).waitFor();
    await go(page, 'Previous');
    await answer.getByText('Answer 1').waitFor();
    await answer.getByRole('group', { name: 'Version 1 of 2' }).waitFor();
    expect(await page.getByRole('log').getByText('Well?', { exact: true }).count()).toBe(1);
  });

  it('that is being written is not left by the switch', async () => {
    let goOn = () => {};
    const until = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    let answers = 0;
    const page = await openPage(
      await pageServer(() =>
        ++answers < 3 ? { text: `Answer ${answers}` } : { text: 'At last', hangAfter: 1, until },
      ),
    );
    await say(page, 'One');
    await page.getByText('Answer 1').waitFor();
    await idle(page);
    await page.getByRole('button', { name: 'Edit and send again' }).click();
    await page.getByLabel('Edit the message').fill('Two');
    await page.keyboard.press('Enter');
    await page.getByText('Answer 2').waitFor();
    await version(page, '2 of 2').waitFor();
    await idle(page);
    await say(page, 'Three');
    await page.getByRole('button', { name: 'Stop the answer' }).waitFor();
    const previous = page.getByRole('button', { name: 'Previous version' });
    await expect.poll(() => previous.getAttribute('aria-disabled')).toBe('true');
    goOn();
    await page.getByText('At last').waitFor();
    await expect.poll(() => previous.getAttribute('aria-disabled')).toBe('false');
  });

  it('that could not be asked for brings the first one back', async () => {
    const server = await repeating();
    const page = await openPage(server);
    await say(page, 'One');
    await page.getByText('You said “One”').waitFor();
    await idle(page);
    await page.route('**/stream', (route) =>
      route.fulfill({
        status: 400,
        json: { title: 'Bad Request', status: 400, code: 'invalid_request', detail: 'No.' },
      }),
    );
    await page.getByRole('button', { name: 'Answer again' }).click();
    await page.getByRole('button', { name: 'Back to the message box' }).click();
    await page.getByText('You said “One”').waitFor();
    await expect.poll(() => page.getByRole('group', { name: /^Version/ }).count()).toBe(0);
  });
});
