import { openChannel } from '../driver/postgres/channel.ts';
import { nameInSchema } from '../driver/schema.ts';
import type { Bus, BusListener } from './bus.ts';
import { decodeMessage, encodeMessage } from './change-message.ts';

const CHANNEL = 'questlog_live';

/** LISTEN and NOTIFY of PostgreSQL. */
export async function openPostgresBus(
  url: string,
  listener: BusListener,
  schema: string | undefined,
): Promise<Bus> {
  const channel = await openChannel(url, nameInSchema(CHANNEL, schema), {
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
