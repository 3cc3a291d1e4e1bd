import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Reply } from '../support/strict/reply.ts';
import type { ApiItem } from '../support/strict/responses-faults.ts';
import { openPage, pageServer, preparePage, say } from './page-server.ts';

beforeAll(preparePage);

const DELETE = { name: 'delete_note', args: { note_id: 'n1' } };

/** Asks for these calls once, then answers. */
function calling(...calls: readonly { readonly name: string; readonly args: object }[]) {
  return (input: readonly ApiItem[]): Reply =>
    input.some(({ type }) => type === 'function_call_output') ? { text: 'As you wish.' } : { calls };
}

const cards = (page: Page) => page.locator('details.tool').locator('summary');

describe('a decision', () => {
  it('against a call is shown as one, over a reload too', async () => {
    const page = await openPage(await pageServer(calling(DELETE)));
    await say(page, 'Delete it');
    await page.getByLabel('Reason for rejecting').fill('It is dear to me');
    await page.getByRole('button', { name: 'Reject' }).click();
    await page.getByText('As you wish.').waitFor();
    await cards(page).filter({ hasText: 'rejected' }).waitFor();
    await page.reload();
    await cards(page).filter({ hasText: 'rejected' }).waitFor();
  });

  it('for a call is never shown as a failure', async () => {
    const page = await openPage(await pageServer(calling(DELETE)));
    await say(page, 'Delete it');
    await page.getByRole('button', { name: 'Approve' }).waitFor();
    await page.evaluate(`{
      window.failures = 0;
      const look = () => { if (document.querySelector('.tool[data-state=failed]')) window.failures++; };
      new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
    }`);
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('As you wish.').waitFor();
    await cards(page).filter({ hasText: 'done' }).waitFor();
    expect(await page.evaluate('window.failures')).toBe(0);
  });

  it('on one of two calls is kept, shown, and not asked for again', async () => {
    const other = { name: 'delete_note', args: { note_id: 'n2' } };
    const server = await pageServer(calling(DELETE, other));
    const page = await openPage(server);
    await say(page, 'Delete both');
    const open = page.getByRole('region', { name: 'Approve delete_note?' });
    await expect.poll(() => open.count()).toBe(2);
    await page.getByLabel('Reason for rejecting').last().fill('Not this one');
    await open.first().getByRole('button', { name: 'Approve' }).click();
    await cards(page).filter({ hasText: 'done' }).waitFor();
    expect(await open.count()).toBe(1);
    expect(await page.getByLabel('Reason for rejecting').inputValue()).toBe('Not this one');
    await page.reload();
    await open.waitFor();
    expect(await open.count()).toBe(1);
    await cards(page).filter({ hasText: 'n1' }).filter({ hasText: 'done' }).waitFor();
    await open.getByRole('button', { name: 'Reject' }).click();
    await page.getByText('As you wish.').waitFor();
    expect(await cards(page).allTextContents()).toEqual([
      expect.stringMatching(/n1.*done/),
      expect.stringMatching(/n2.*rejected/),
    ]);
  });

  it('on two calls is taken, however quickly one follows the other', async () => {
    const page = await openPage(await pageServer(calling(DELETE, { ...DELETE, args: { note_id: 'n2' } })));
    await say(page, 'Delete both');
    const approve = page.getByRole('button', { name: 'Approve' });
    await expect.poll(() => approve.count()).toBe(2);
    await page.evaluate(
      `for (const button of document.querySelectorAll('.approval .primary')) button.click()`,
    );
    await page.getByText('As you wish.').waitFor();
    await expect.poll(() => cards(page).filter({ hasText: 'done' }).count()).toBe(2);
  });

  it('that is not made because the person writes instead is no stopped answer', async () => {
    const page = await openPage(await pageServer(calling(DELETE)));
    await say(page, 'Delete it');
    await page.getByRole('button', { name: 'Approve' }).waitFor();
    await say(page, 'Something else');
    await page.getByText('As you wish.').waitFor();
    await page.getByText('You went on without it.').waitFor();
    await cards(page).filter({ hasText: 'rejected' }).waitFor();
    expect(await page.getByText('You stopped').count()).toBe(0);
  });

  it('is about something that has words, and is asked for once', async () => {
    const page = await openPage(
      await pageServer((input) => {
        const outputs = input.filter(({ type }) => type === 'function_call_output');
        const noteId = /"note_id\\*":\\*"([^"\\]+)/.exec(JSON.stringify(outputs))?.[1];
        if (noteId === undefined)
          return { calls: [{ name: 'save_note', args: { text: 'The dragon sleeps.' } }] };
        if (outputs.length > 1) return { text: 'Gone.' };
        return { calls: [{ name: 'delete_note', args: { note_id: noteId } }] };
      }),
    );
    await say(page, 'Remember, then forget');
    const card = page.getByRole('region', { name: 'Approve delete_note?' });
    await card.getByText('delete note', { exact: true }).waitFor();
    await card.getByText('The dragon sleeps.').waitFor();
    expect(await card.textContent()).not.toMatch(/[0-9a-f]{8}-/);
    expect(await cards(page).filter({ hasText: 'delete_note' }).count()).toBe(0);
  });
});
