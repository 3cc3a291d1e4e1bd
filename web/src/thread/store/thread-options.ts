import type { QuestlogClient } from 'questlog/client';
import type { Agents } from '../../agents.ts';
import type { Files } from '../../files/files.ts';
import type { Outbox } from '../../outbox/outbox.ts';
import type { KeptDrafts } from '../composer/kept-drafts.ts';

/** What a thread of the page is made of. */
export interface ThreadOptions {
  readonly client: QuestlogClient;
  readonly agents: Agents;
  readonly files: Files;
  readonly outbox: Outbox;
  readonly drafts: KeptDrafts;
  readonly chatId: string;
  readonly isNew: boolean;
  /** Is called when the chat has changed by what happens here, so that the list and other tabs can show it. */
  readonly onChange: () => void;
}
