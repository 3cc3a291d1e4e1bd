import { beforeAll, describe, expect, it } from 'vitest';
import { newPerson, pageServer, preparePage } from './page-server.ts';

beforeAll(preparePage);

/** A chat whose messages were said at these moments, and the page of somebody who lives somewhere. */
async function daysOf(moments: readonly string[], timezoneId: string, locale: string): Promise<string[]> {
  const server = await pageServer();
  const { chat_id } = await server.client.createChat({
    conversation: moments.map((_, index) => ({ role: 'user', content: `Line ${index}` })),
  });
  const page = await (await newPerson({ timezoneId, locale })).newPage();
  await page.route('**/items?**', async (route) => {
    const response = await route.fetch();
    const body = (await response.json()) as { items: object[] };
    const items = body.items.map((item, index) => ({ ...item, created_at: moments[index] }));
    await route.fulfill({ response, json: { ...body, items } });
  });
  await page.goto(`${server.url}/c/${chat_id}`);
  await page.getByText('Line 0', { exact: true }).waitFor();
  return page.evaluate(`[...document.querySelectorAll('.day-mark, .message')].map((element) =>
    element.querySelector('time')?.dateTime ?? element.querySelector('.said').textContent)
    .concat([...document.querySelectorAll('.day-mark')].map(({ textContent }) => textContent.replaceAll(',', '')))`);
}

describe('the days of a chat', () => {
  it('begin at midnight where the person lives', async () => {
    const moments = ['2021-06-01T21:59:59Z', '2021-06-01T22:00:00Z', '2021-06-02T21:59:00Z'];
    expect(await daysOf(moments, 'Europe/Vienna', 'en-GB')).toEqual([
      ...['2021-06-01', 'Line 0', '2021-06-02', 'Line 1', 'Line 2'],
      ...['Tuesday 1 June 2021', 'Wednesday 2 June 2021'],
    ]);
    expect(await daysOf(moments, 'Asia/Tokyo', 'de-AT')).toEqual([
      ...['2021-06-02', 'Line 0', 'Line 1', '2021-06-03', 'Line 2'],
      ...['Mittwoch 2. Juni 2021', 'Donnerstag 3. Juni 2021'],
    ]);
  });

  it('are days of the calendar where the clocks change', async () => {
    // 23 and 25 hours.
    const moments = [
      '2021-03-28T00:30:00+01:00',
      '2021-03-28T23:30:00+02:00',
      '2021-03-29T00:10:00+02:00',
      '2021-10-31T00:10:00+02:00',
      '2021-10-31T23:50:00+01:00',
      '2021-11-01T00:10:00+01:00',
    ];
    expect((await daysOf(moments, 'Europe/Berlin', 'en-US')).slice(0, 10)).toEqual([
      ...['2021-03-28', 'Line 0', 'Line 1', '2021-03-29', 'Line 2'],
      ...['2021-10-31', 'Line 3', 'Line 4', '2021-11-01', 'Line 5'],
    ]);
  });
});
