import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { onElement, openPage, type PageServer, pageServer, preparePage } from './page-server.ts';
import {
  attached,
  chatIdOf,
  pdf,
  pick,
  png,
  type SampleFile,
  TRANSFER,
  text,
  toJson,
} from './sample-files.ts';

beforeAll(preparePage);

const open = async (server: PageServer): Promise<Page> => {
  const page = await openPage(server);
  await page.getByRole('heading', { name: 'Dungeon Master' }).waitFor();
  return page;
};

/** The parts of the first message, as the server has them. */
async function partsOf(server: PageServer, page: Page): Promise<Record<string, unknown>[]> {
  const { items } = await server.client.listItems(chatIdOf(page));
  return items[0]?.item.content as Record<string, unknown>[];
}

const send = async (page: Page) => {
  await page.getByLabel('Message', { exact: true }).press('Enter');
  await page.getByText('Well met!').waitFor();
};

/** Gives what a clipboard or a drag holds to an element. @returns whether the page takes it. */
const give = (page: Page, event: string, texts: object, files: readonly SampleFile[]) =>
  page.getByLabel('Message', { exact: true }).evaluate(
    onElement<boolean>(`(box, [name, texts, files]) => {
      const transfer = (${TRANSFER})(texts, files);
      const options = { bubbles: true, cancelable: true, clipboardData: transfer, dataTransfer: transfer };
      const event = name === 'paste' ? new ClipboardEvent(name, options) : new DragEvent(name, options);
      // Firefox makes an empty clipboard of its own.
      if (name === 'paste') Object.defineProperty(event, 'clipboardData', { value: transfer });
      return !box.dispatchEvent(event);
    }`),
    [event, texts, files.map(toJson)],
  );

describe('files that are picked', () => {
  it('go with the message, each in the form that a model reads: a picture no larger than it looks at', async () => {
    const server = await pageServer();
    const page = await open(server);
    await pick(page, png('wide.png', 3_000, 1_500), pdf('report.pdf'), text('notes.md', 'a ```` b\n'));
    await expect.poll(() => attached(page).count()).toBe(3);
    await page.getByLabel('Message', { exact: true }).fill('What is in them?');
    await send(page);
    const [question, picture, report, notes] = await partsOf(server, page);
    expect(question).toEqual({ type: 'input_text', text: 'What is in them?' });
    expect(picture).toMatchObject({ type: 'input_image', filename: 'wide.png', width: 2_048, height: 1_024 });
    expect(picture?.image).toMatch(/^data:image\/png;base64,/);
    expect(report).toMatchObject({ type: 'input_file', filename: 'report.pdf' });
    expect(report?.file).toMatch(/^data:application\/pdf;base64,JVBERi0/);
    expect(notes).toEqual({
      type: 'input_text',
      filename: 'notes.md',
      text: '`````notes.md\na ```` b\n`````',
    });
  });

  it('are taken out again by the keyboard, and sent without a word beside them', async () => {
    const server = await pageServer();
    const page = await open(server);
    await pick(page, png('one.png'), png('two.png'));
    await expect.poll(() => attached(page).count()).toBe(2);
    await page.getByRole('button', { name: 'Remove one.png' }).press('Enter');
    await expect.poll(() => attached(page).allTextContents()).toEqual([expect.stringContaining('two.png')]);
    await send(page);
    expect(await partsOf(server, page)).toMatchObject([{ type: 'input_image', filename: 'two.png' }]);
    await page.getByRole('link', { name: 'two.png' }).waitFor();
  });

  it('are refused with the reason, before anything is sent', async () => {
    const page = await open(await pageServer());
    const zip = Buffer.from([0x50, 0x4b, 3, 4, 0, 0xff, 0xfe]);
    await pick(
      page,
      { name: 'photo.heic', mimeType: 'image/heic', buffer: Buffer.from('\0\0\0 ftypheic\xff', 'latin1') },
      { name: 'all.zip', mimeType: 'application/zip', buffer: zip },
      text('nothing.txt', ''),
      pdf('book.pdf', 8_000_000),
    );
    const refused = page.getByRole('alert');
    for (const words of [
      'This browser cannot read photo.heic. Save it as JPEG or PNG.',
      'all.zip is neither a picture, nor a PDF, nor a text.',
      'nothing.txt is empty.',
      'book.pdf is too large: it has 8 MB, and there is room for 6.8 MB.',
    ])
      await refused.getByText(words).waitFor();
    expect(await attached(page).count()).toBe(0);
    await pick(page, ...Array.from({ length: 21 }, (_, index) => text(`${index}.txt`, 'x')));
    await refused.getByText('20.txt is one too many: a message takes 20 files.').waitFor();
    expect(await attached(page).count()).toBe(20);
  });

  it('of text are known by their content, in UTF-16 too', async () => {
    const server = await pageServer();
    const page = await open(server);
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('Grüße', 'utf16le')]);
    await pick(page, text('letter', utf16), { ...text('data.png', 'a,b\n1,2\n'), mimeType: 'image/png' });
    await expect.poll(() => attached(page).count()).toBe(2);
    await send(page);
    expect((await partsOf(server, page)).map((part) => part.text)).toEqual([
      '```letter\nGrüße\n```',
      '```data.png\na,b\n1,2\n```',
    ]);
  });

  it('that a camera made stand upright, and say nothing of where it was', async () => {
    const server = await pageServer();
    const page = await open(server);
    await pick(page, { name: 'camera.jpeg', mimeType: 'image/jpeg', buffer: await cameraPicture(page) });
    await attached(page).getByText('camera.jpeg').waitFor();
    await send(page);
    const [picture] = await partsOf(server, page);
    expect(picture).toMatchObject({ filename: 'camera.jpeg', width: 20, height: 40 });
    const data = Buffer.from(String(picture?.image).split(',')[1] ?? '', 'base64');
    expect(data.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
    expect(data.includes('52.5200N')).toBe(false);
  });
});

/** 40 by 20 pixels, of which its EXIF says that the camera was turned, and where. */
async function cameraPicture(page: Page): Promise<Buffer> {
  const url = await page.evaluate<string>(`(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 40, height: 20 });
    canvas.getContext('2d').fillRect(0, 0, 40, 20);
    return canvas.toDataURL('image/jpeg');
  })()`);
  const jpeg = Buffer.from(url.split(',')[1] ?? '', 'base64');
  const orientation = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0];
  const tiff = Buffer.from([0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, ...orientation, 0, 0, 0, 0]);
  const body = Buffer.concat([Buffer.from('Exif\0\0'), tiff, Buffer.from('52.5200N 13.4050E')]);
  const head = Buffer.from([0xff, 0xe1, (body.length + 2) >> 8, (body.length + 2) & 0xff]);
  return Buffer.concat([jpeg.subarray(0, 2), head, body, jpeg.subarray(2)]);
}

describe('a drop', () => {
  it('of files is taken anywhere on the page, which shows that; one of text is the browser’s', async () => {
    const page = await open(await pageServer());
    const zone = page.getByText('Drop the files to attach them');
    expect(await give(page, 'dragover', { 'text/plain': 'words' }, [])).toBe(false);
    expect(await zone.count()).toBe(0);
    expect(await give(page, 'drop', { 'text/plain': 'words' }, [])).toBe(false);
    expect(await give(page, 'dragover', {}, [png('dropped.png')])).toBe(true);
    await zone.waitFor();
    expect(await give(page, 'drop', {}, [png('dropped.png')])).toBe(true);
    await attached(page).getByText('dropped.png').waitFor();
    expect(await zone.count()).toBe(0);
    await give(page, 'dragenter', {}, [png('other.png')]);
    await zone.waitFor();
    await page.mouse.move(40, 40);
    await page.mouse.move(60, 60);
    await zone.waitFor({ state: 'detached' });
  });
});

describe('a paste', () => {
  it('of a screenshot attaches it, as does one of copied files', async () => {
    const page = await open(await pageServer());
    expect(await give(page, 'paste', {}, [png('image.png')])).toBe(true);
    await attached(page).getByText('image.png').waitFor();
    const names = { 'text/plain': 'a.png\nb.png' };
    expect(await give(page, 'paste', names, [png('a.png'), png('b.png')])).toBe(true);
    await expect.poll(() => attached(page).count()).toBe(3);
  });

  it('of cells of a spreadsheet, which has a picture of them too, is text', async () => {
    const page = await open(await pageServer());
    expect(await give(page, 'paste', { 'text/plain': '1\t2' }, [png('image.png')])).toBe(false);
    expect(await attached(page).count()).toBe(0);
  });
});
