import { beforeAll, describe, expect, it } from 'vitest';
import { onElement, openPage, pageServer, preparePage } from './page-server.ts';

beforeAll(preparePage);

const MOST_KEY_MS = 50;
/** On a busy machine: so many times what a key takes in a box without a page around it. */
const MOST_RATIO = 4;

/** Pastes as a person does, without their clipboard. */
const PASTE = onElement<void>(`(box, [word, times]) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData('text/plain', word.repeat(times));
  box.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
}`);

/** As a program that writes for the person, at once: as keys it would take the browser a minute. */
const PUT = onElement<void>(`(box, [line, times]) => {
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set.call(box, line.repeat(times));
  box.dispatchEvent(new Event('input', { bubbles: true }));
}`);

/** Types a letter. How long until the page has taken it and drawn: the median of eleven. */
const KEY_MS = onElement<Promise<number>>(`async (box) => {
  const took = [];
  for (let key = 0; key < 11; key++) {
    const began = performance.now();
    document.execCommand('insertText', false, 'x');
    box.offsetHeight;
    took.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return took.sort((one, other) => one - other)[5];
}`);

describe('a large text', () => {
  it('that is pasted is an attachment: it can be taken out, outlives a reload and is sent whole', async () => {
    const server = await pageServer();
    const page = await openPage(server);
    const box = page.getByLabel('Message', { exact: true });
    await box.evaluate(PASTE, ['megabyte ', 120_000]);
    const pasted = page.getByRole('list', { name: 'Pasted texts' }).getByRole('listitem');
    await pasted.getByText('1,080,000 characters').waitFor();
    expect(await box.inputValue()).toBe('');
    await box.evaluate(PASTE, ['mistake ', 20_000]);
    await expect.poll(() => pasted.count()).toBe(2);
    await page.getByRole('button', { name: 'Remove the pasted text' }).last().click();
    await box.fill('What does it say?');
    await page.reload();
    await pasted.getByText('1,080,000 characters').waitFor();
    await box.press('Enter');
    await page.getByText('Well met!').waitFor();
    expect(await pasted.count()).toBe(0);
    const chatId = new URL(page.url()).pathname.replace('/c/', '');
    const [asked] = (await server.client.getChat(chatId)).conversation ?? [];
    expect(asked?.content).toEqual([
      { type: 'input_text', text: 'What does it say?' },
      { type: 'input_text', text: 'megabyte '.repeat(120_000) },
    ]);
    await page.getByRole('button', { name: 'Show all' }).waitFor();
    await page.getByRole('button', { name: 'Answer again' }).waitFor();
    await page.getByRole('button', { name: 'Edit and send again' }).click();
    expect(await page.getByLabel('Edit the message').inputValue()).toBe('What does it say?');
  });

  it('of 300 kB in the box leaves the keys quick', async () => {
    const page = await openPage(await pageServer());
    const box = page.getByLabel('Message', { exact: true });
    await box.evaluate(PUT, ['Some words of a line.\n', 14_000]);
    await box.focus();
    const took = await box.evaluate(KEY_MS);
    const bare = await page.evaluateHandle(`document.body.appendChild(document.createElement('textarea'))`);
    await bare.evaluate(PUT, ['Some words of a line.\n', 14_000]);
    await bare.evaluate(onElement('(box) => box.focus()'));
    const least = await bare.evaluate(KEY_MS);
    expect({ took, least }).toSatisfy(() => took < Math.max(MOST_KEY_MS, MOST_RATIO * least));
    expect((await box.inputValue()).length).toBeGreaterThan(300_000);
  });
});
