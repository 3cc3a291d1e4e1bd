import { once } from 'node:events';
import type { Server } from 'node:net';
import { QuestlogError } from '../../errors.ts';

export interface Place {
  readonly host: string;
  readonly port: number;
}

/**
 * Has a server listen.
 *
 * @param variable what to set where the port is in use.
 * @throws QuestlogError `invalid_configuration` that says why it cannot.
 */
export async function listenOn(server: Server, place: Place, variable: string): Promise<void> {
  server.listen(place);
  await once(server, 'listening').catch(cannotListen(place, variable));
}

/** Why a server cannot listen, for people. */
export function cannotListen({ host, port }: Place, variable: string): (error: unknown) => never {
  return (error) => {
    const code: unknown = Reflect.get(Object(error), 'code');
    if (code === 'EADDRINUSE') {
      throw new QuestlogError(
        'invalid_configuration',
        `port ${port} on ${host} is in use: set ${variable} to another one`,
      );
    }
    if (typeof code === 'string' && !code.startsWith('FST_')) {
      throw new QuestlogError('invalid_configuration', `cannot listen on ${host}:${port} (${code})`);
    }
    throw error;
  };
}
