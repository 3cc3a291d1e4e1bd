import { beforeAll, describe, expect, it } from 'vitest';
import { createGate } from '../support/gate.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { newPerson, openPage, pageServer, preparePage, REFUSAL, say } from './page-server.ts';

/** An answer that stops in its middle until `goOn` is called. */
function pausedAnswer() {
  let goOn = () => {};
  const until = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const reply = { text: 'The first half is here. The second half comes later.', hangAfter: 5, until };
  return { script: () => reply, goOn };
}

const WHOLE = 'The first half is here. The second half comes later.';

beforeAll(preparePage);

describe('nothing is lost', () => {
  it('when the page is reloaded in the middle of an answer', async () => {
    const { script, goOn } = pausedAnswer();
    const page = await openPage(await pageServer(script));
    await say(page, 'Tell me both halves');
    await page.getByText('The first half is here.').waitFor();
    await page.reload();
    await page.getByText('The first half is here.').waitFor();
    await page.getByRole('button', { name: 'Stop the answer' }).waitFor();
    goOn();
    await page.getByText(WHOLE).waitFor();
    await page.getByRole('button', { name: 'Answer again' }).waitFor();
    expect(await page.getByText(WHOLE).count()).toBe(1);
    expect(await page.locator('.said').allTextContents()).toEqual(['Tell me both halves']);
  });

  it('when the page is closed and opened again after the answer', async () => {
    const { script, goOn } = pausedAnswer();
    const server = await pageServer(script);
    const person = await newPerson();
    const page = await person.newPage();
    await page.goto(server.url);
    await say(page, 'Tell me both halves');
    await page.getByText('The first half is here.').waitFor();
    const address = page.url();
    await page.close();
    goOn();
    const later = await person.newPage();
    await later.goto(address);
    await later.getByText(WHOLE).waitFor();
    await later.getByRole('button', { name: 'Answer again' }).waitFor();
  });

  it('when the network is cut in the middle of an answer', async () => {
    const { script, goOn } = pausedAnswer();
    const server = await pageServer(script);
    const proxy = await startTcpProxy(server.url);
    const page = await openPage({ ...server, url: new URL(proxy.url).origin });
    await say(page, 'Tell me both halves');
    await page.getByText('The first half is here.').waitFor();
    await proxy.cut();
    await page.getByText('The connection is gone.').waitFor();
    goOn();
    await proxy.mend();
    await page.getByText(WHOLE).waitFor();
    await page.getByRole('button', { name: 'Answer again' }).waitFor();
    expect(await page.getByText('The connection is gone.').count()).toBe(0);
  });

  it('when a message cannot be sent: it waits, also over a reload, and is sent once', async () => {
    const server = await pageServer(() => ({ text: 'It arrived.' }));
    const proxy = await startTcpProxy(server.url);
    const page = await openPage({ ...server, url: new URL(proxy.url).origin });
    await page.getByRole('heading', { name: 'Dungeon Master' }).waitFor();
    await proxy.cut();
    await say(page, 'Are you there?');
    await page.getByText('Not sent yet.').waitFor();
    await proxy.mend();
    await page.reload();
    await page.getByText('It arrived.').waitFor();
    await page.getByRole('button', { name: 'Answer again' }).waitFor();
    await page.reload();
    await page.getByText('It arrived.').waitFor();
    expect(await page.locator('.said').allTextContents()).toEqual(['Are you there?']);
  });
});

describe('what the server refuses', () => {
  it('is in the list, when it is the first message of a chat that does not exist', async () => {
    const page = await openPage(await pageServer());
    await page.route('**/stream', (route) => route.fulfill(REFUSAL));
    await say(page, 'Refused at first');
    await page.getByRole('alert').getByText('Not sent.').waitFor();
    await page.getByRole('button', { name: 'New chat' }).click();
    await page.reload();
    await page.unroute('**/stream');
    const unsent = page.getByRole('region', { name: 'Not sent' });
    await unsent.getByRole('link', { name: 'Refused at first' }).click();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('Well met!').waitFor();
    await expect.poll(() => unsent.count()).toBe(0);
    await page.getByRole('region', { name: 'Today' }).getByText('Refused at first').waitFor();
  });
});

describe('two tabs', () => {
  it('show the same chat, its title and its answer while it is written', async () => {
    const { script, goOn } = pausedAnswer();
    const server = await pageServer(script);
    const { chat_id } = await server.client.createChat({ title: null });
    const person = await newPerson();
    const [one, two] = [await person.newPage(), await person.newPage()];
    for (const tab of [one, two]) await tab.goto(`${server.url}/c/${chat_id}`);
    await two.getByRole('log').waitFor();
    await say(one, 'A question for both tabs');
    await two.locator('.said', { hasText: 'A question for both tabs' }).waitFor();
    await two.getByText('The first half is here.').waitFor();
    await two.getByRole('link', { name: 'A question for both tabs' }).waitFor();
    goOn();
    for (const tab of [one, two]) await tab.getByText(WHOLE).waitFor();
  });

  it('of different browsers show the same at once: the list, a message, an answer as it is written', async () => {
    const gate = createGate();
    const script = { text: 'For both browsers.', hangAfter: 2, until: gate.opened };
    const server = await pageServer(() => script);
    const { chat_id } = await server.client.createChat({ title: 'Shared' });
    const one = await openPage(server, `/c/${chat_id}`);
    const two = await openPage(server, `/c/${chat_id}`);
    await two.getByRole('log').waitFor();
    await say(one, 'Hello');
    await two.getByRole('log').getByText('Hello').waitFor();
    await two.getByRole('log').getByText('For both').waitFor();
    gate.open();
    await two.getByRole('log').getByText('For both browsers.').waitFor();
    await server.client.updateChat(chat_id, { title: 'Renamed elsewhere' });
    for (const page of [one, two]) await page.getByRole('link', { name: 'Renamed elsewhere' }).waitFor();
    await server.client.createChat({ title: 'Made elsewhere' });
    for (const page of [one, two]) await page.getByRole('link', { name: 'Made elsewhere' }).waitFor();
  });
});
