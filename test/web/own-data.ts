import type { Page } from 'playwright-core';
import type { PageServer } from './page-server.ts';

export const buttonOn = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

/** Opens what the person has. */
export async function openData(page: Page): Promise<void> {
  await buttonOn(page, 'Settings').click();
  await buttonOn(page, 'Your data').click();
  await page.getByRole('dialog', { name: 'Your data' }).waitFor();
}

/** Gives the person of a server these chats and nothing else. */
export async function putChats({ client }: PageServer, ...titles: readonly string[]): Promise<void> {
  await client.user.delete();
  for (const title of titles)
    await client.createChat({ title, conversation: [{ role: 'user', content: `In ${title}` }] });
}
