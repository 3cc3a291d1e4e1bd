import type { ErasureResponse, UserRetention } from '../../wire/users/user-data.ts';
import type { CallOptions } from '../call-options.ts';
import type { Connection } from '../connection.ts';

/** All that the server has of the user. */
export class UserData {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Everything that is stored of the user, as lines of JSON: `{"table":…,"row":{…}}`. */
  async read({ signal }: CallOptions = {}): Promise<ReadableStream<Uint8Array>> {
    const { body } = await this.#connection.send({ method: 'GET', path: '/user/data', signal });
    return body ?? new ReadableStream();
  }

  /** Removes everything for good. What was removed before a failure stays removed: call it again. */
  delete({ signal }: CallOptions = {}): Promise<ErasureResponse> {
    return this.#connection.json({ method: 'DELETE', path: '/user/data', signal });
  }

  /** After how many days without activity a chat is removed; null: as the server has it. */
  getRetention({ signal }: CallOptions = {}): Promise<UserRetention> {
    return this.#connection.json({ method: 'GET', path: '/user/retention', signal });
  }

  /** Sets it. */
  setRetention(retention: UserRetention, { signal }: CallOptions = {}): Promise<UserRetention> {
    return this.#connection.json({ method: 'PUT', path: '/user/retention', body: retention, signal });
  }
}
