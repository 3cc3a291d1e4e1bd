import { type Asker, forAsLongAs } from './asker.ts';

/** What one user does to all the others: the worst that the limits of the server allow. */
export interface Attack {
  readonly title: string;
  /**
   * What it needs to be there.
   *
   * @param megabytes of a chat that is large.
   * @returns a chat.
   */
  readonly prepare?: (asker: Asker, megabytes: number) => Promise<string>;
  /** Goes on until the asker's time is over. */
  readonly run: (asker: Asker, chatId: string) => Promise<void>;
}

const MEGABYTE = 'm'.repeat(1_000_000);
const ofMegabytes = (count: number) =>
  JSON.stringify({
    conversation: Array.from({ length: count }, () => ({ role: 'user', content: MEGABYTE })),
  });
/** A body may have 10 MB. */
const NINE_MEGABYTES = ofMegabytes(9);
const emptyObjects = (count: number) => `[${Array.from({ length: count }, () => '{}').join()}]`;

export const ATTACKS: Readonly<Record<string, Attack>> = {
  'empty-input': {
    title: 'runs with 5,000 empty items, 4 at once',
    run: (asker) =>
      forAsLongAs(asker, 4, () => asker.ask('POST', '/chat/run', `{"input":${emptyObjects(5_000)}}`)),
  },
  'empty-history': {
    title: 'runs on a history of 10,000 empty items, 4 at once',
    prepare: (asker) => asker.createChat(`{"conversation":${emptyObjects(10_000)}}`),
    run: (asker, chatId) =>
      forAsLongAs(asker, 4, () =>
        asker.ask('POST', '/chat/run', JSON.stringify({ input: 'Hello', session_id: chatId })),
      ),
  },
  'million-objects': {
    title: 'chats of a million empty items, 12 at once',
    run: async (asker) => {
      const body = `{"conversation":${emptyObjects(1_000_000)}}`;
      await forAsLongAs(asker, 12, () => asker.ask('POST', '/chats', body));
    },
  },
  replace: {
    title: 'one chat replaced by 9 MB, 20 at once',
    prepare: (asker) => asker.createChat('{}'),
    run: (asker, chatId) =>
      forAsLongAs(asker, 20, () => asker.ask('PUT', `/chats/${chatId}`, NINE_MEGABYTES)),
  },
  list: {
    title: 'lists with 30 large conversations, 4 at once',
    prepare: async (asker, megabytes) => {
      const body = ofMegabytes(megabytes);
      for (let chat = 1; chat < 30; chat++) await asker.createChat(body);
      return asker.createChat(body);
    },
    run: (asker) => forAsLongAs(asker, 4, () => asker.ask('GET', '/chats?include=conversation')),
  },
  'unread-chats': {
    title: '110 replies with a large conversation that nobody reads',
    prepare: (asker, megabytes) => asker.createChat(ofMegabytes(megabytes)),
    run: (asker, chatId) => asker.leaveUnread(110, 'GET', `/chats/${chatId}`),
  },
  'unread-events': {
    title: '110 streams of one run that nobody reads',
    run: (asker) =>
      asker.leaveUnread(110, 'POST', '/chat/stream', '{"input":"1000 tokens"}', {
        'idempotency-key': 'unread',
      }),
  },
  joined: {
    title: '300 requests that join one run, left and asked again',
    run: (asker) =>
      forAsLongAs(asker, 300, () =>
        asker.ask('POST', '/chat/run', '{"input":"300 tokens"}', { 'idempotency-key': 'joined' }),
      ),
  },
  appends: {
    title: 'small chats created, 50 at once',
    run: (asker) => forAsLongAs(asker, 50, () => asker.ask('POST', '/chats', '{"title":"One more"}')),
  },
};
