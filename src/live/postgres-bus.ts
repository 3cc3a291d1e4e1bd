import { openChannel } from '../driver/postgres/channel.ts';
import type { Bus, BusListener } from './bus.ts';
import { decodeMessage, encodeMessage } from './change-message.ts';

const CHANNEL = 'questlog_live';

/** LISTEN and NOTIFY of PostgreSQL. */
export async function openPostgresBus(url: string, listener: BusListener): Promise<Bus> {
  const channel = await openChannel(url, CHANNEL, {
    message: (text) => {
      const change = decodeMessage(text);
      if (change !== undefined) listener.message(change);
    },
    connected: () => listener.connected(),
    lost: (error) => listener.lost(error),
  });
  return {
    publish: (message) => channel.send(encodeMessage(message)),
    close: () => channel.close(),
  };
}
