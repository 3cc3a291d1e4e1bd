import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createGate } from '../support/gate.ts';
import { openPage, type PageServer, pageServer, preparePage, REFUSAL, say } from './page-server.ts';

beforeAll(preparePage);

const saidOn = (page: Page) => page.locator('.said').allTextContents();

/** A chat in which a person has said two things. */
async function openTalk(server: PageServer): Promise<Page> {
  const page = await openPage(server);
  await say(page, 'First');
  await page.getByText('Answer to').waitFor();
  await page.getByRole('button', { name: 'Answer again' }).waitFor();
  await say(page, 'Second');
  await expect.poll(() => page.getByRole('button', { name: 'Answer again' }).count()).toBe(2);
  return page;
}

/** Says the second thing in another way. */
async function edit(page: Page, text: string): Promise<void> {
  await page.getByRole('button', { name: 'Edit and send again' }).nth(1).click();
  await page.getByLabel('Edit the message').fill(text);
  await page.keyboard.press('Enter');
}

const answering = () => pageServer((input) => ({ text: `Answer to ${JSON.stringify(input.at(-1))}` }));

/** What the server has of what the person said. */
async function storedOf(server: PageServer, page: Page): Promise<unknown> {
  const { conversation } = await server.client.getChat(new URL(page.url()).pathname.replace('/c/', ''));
  return conversation?.filter(({ role }) => role === 'user').map(({ content }) => content);
}

describe('an edit that the server refuses', () => {
  it('leaves what it was to replace where it was, also in the other versions of it', async () => {
    const server = await answering();
    const page = await openTalk(server);
    const said = () => saidOn(page);
    const stored = () => storedOf(server, page);
    for (const [tried, old, versions] of [
      ['Another', 'Second', 0],
      ['Yet another', 'Another', 1],
    ] as const) {
      await page.route('**/stream', (route) => route.fulfill(REFUSAL));
      await edit(page, tried);
      await page.getByRole('alert').getByText('Not sent.').waitFor();
      await expect.poll(said).toEqual(['First', old, tried]);
      await expect.poll(stored).toEqual(['First', old]);
      await page.reload();
      await expect.poll(said).toEqual(['First', old, tried]);
      await expect.poll(() => page.getByRole('group', { name: 'Version' }).count()).toBe(versions);
      await page.unroute('**/stream');
      // Once more it replaces the same.
      await page.getByRole('button', { name: 'Try again' }).click();
      await expect.poll(said).toEqual(['First', tried]);
      await expect.poll(stored).toEqual(['First', tried]);
      await page.getByRole('group', { name: `Version ${versions + 2} of ${versions + 2}` }).waitFor();
      await expect.poll(() => page.getByRole('button', { name: 'Answer again' }).count()).toBe(2);
    }
    await page.route('**/stream', (route) => route.fulfill(REFUSAL));
    await page.getByRole('button', { name: 'Answer again' }).first().click();
    await page.getByRole('button', { name: 'Back to the message box' }).click();
    await expect.poll(said).toEqual(['First', 'Yet another']);
    await expect.poll(stored).toEqual(['First', 'Yet another']);
    expect(await page.getByLabel('Message', { exact: true }).inputValue()).toBe('First');
  });

  it('replaces the same later, also when the page goes while that is put back, and when it is tried again meanwhile', async () => {
    const server = await answering();
    const page = await openTalk(server);
    for (const [tried, old, isHurried] of [
      ['Another', 'Second', false],
      ['Yet another', 'Another', false],
      ['One more', 'Yet another', true],
    ] as const) {
      const [putBack, tryAgain] = [createGate(), createGate()];
      await page.route('**/stream', (route) => route.fulfill(REFUSAL));
      // The server has done it, and the page does not hear of it.
      await page.route('**/select', async (route) => {
        await route.fetch();
        putBack.open();
      });
      await edit(page, tried);
      await putBack.opened;
      await expect.poll(() => storedOf(server, page)).toEqual(['First', old]);
      await page.unroute('**/select');
      const looks = /\/items\?after=\d+&limit=1$/;
      if (isHurried)
        await page.route(looks, async (route) => {
          await tryAgain.opened;
          await route.continue();
        });
      await page.reload();
      await expect.poll(() => saidOn(page)).toEqual(['First', old, tried]);
      await page.unroute('**/stream');
      await page.getByRole('button', { name: 'Try again' }).click();
      tryAgain.open();
      await expect.poll(() => saidOn(page)).toEqual(['First', tried]);
      await expect.poll(() => storedOf(server, page)).toEqual(['First', tried]);
      await expect.poll(() => page.getByRole('button', { name: 'Answer again' }).count()).toBe(2);
      await page.unroute(looks);
    }
  });
});
