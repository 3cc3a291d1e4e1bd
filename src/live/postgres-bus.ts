import { openChannel } from '../driver/channel.ts';
import type { Bus, BusListener } from './bus.ts';
import { decodeNews, encodeNews } from './news.ts';

const CHANNEL = 'questlog_live';

/** LISTEN and NOTIFY of PostgreSQL. */
export async function openPostgresBus(url: string, listener: BusListener): Promise<Bus> {
  const channel = await openChannel(url, CHANNEL, {
    message: (text) => {
      const news = decodeNews(text);
      if (news !== undefined) listener.news(news);
    },
    connected: () => listener.connected(),
    lost: (error) => listener.lost(error),
  });
  return {
    publish: (news) => channel.send(encodeNews(news)),
    close: () => channel.close(),
  };
}
