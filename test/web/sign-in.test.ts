import { beforeAll, describe, expect, it } from 'vitest';
import { newPerson, openPage, preparePage, say, startPageServer } from './page-server.ts';
import { startStackService } from './stack-service.ts';

beforeAll(preparePage);

describe('with Stack Auth', () => {
  it('a person signs in, stays signed in over a reload, gets fresh tokens unnoticed, and signs out', async () => {
    const stack = await startStackService();
    stack.addUser('robin@example.com', 'correct horse');
    // Stack Auth's client takes another token some 20 seconds before the one that it has expires.
    stack.shortenTokens(23);
    const server = await startPageServer({
      STACK_PROJECT_ID: stack.projectId,
      STACK_API_URL: stack.url,
      STACK_PUBLISHABLE_CLIENT_KEY: 'pck_test',
    });
    const page = await openPage(server);
    await page.getByLabel('E-mail').fill('robin@example.com');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Password').fill('correct horse');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { name: 'Dungeon Master' }).waitFor();
    await say(page, 'Hello');
    await page.getByText('Well met!').waitFor();
    await page.reload();
    await page.getByText('Well met!').waitFor();
    await page.getByText('robin@example.com').waitFor();
    // What is painted first: what the page will be.
    const shell = () => page.evaluate('document.documentElement.dataset.shell');
    expect(await shell()).toBe('chat');
    await expect
      .poll(async () => {
        await page.evaluate("window.dispatchEvent(new Event('focus'))");
        return stack.refreshes();
      })
      .toBeGreaterThan(0);
    await say(page, 'Hello again');
    await expect.poll(() => page.getByText('Well met!').count()).toBe(2);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to Questlog' }).waitFor();
    expect(await shell()).toBe('sign-in');
    expect(
      await page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('questlog:'))"),
    ).toEqual([]);

    const other = await (await newPerson()).newPage();
    await other.goto(page.url());
    await other.getByRole('button', { name: 'I am new here' }).click();
    await other.getByLabel('E-mail').fill('kim@example.com');
    await other.getByLabel('Password').fill('a long password');
    await other.getByRole('button', { name: 'Create the account' }).click();
    await other.getByText('Your chats will be listed here.').waitFor();
    await server.program.kill('SIGTERM');
  });
});
