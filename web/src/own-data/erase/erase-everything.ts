import { ApiError, type QuestlogClient } from 'questlog/client';
import { PERSON, TOKEN } from '../../auth/stored-keys.ts';
import type { Tabs } from '../../changes.ts';
import { removeAllValues } from '../../files/file-database.ts';
import { SETTINGS } from '../../settings/settings.ts';
import { forgetStored } from '../../storage.ts';

const MAX_TRIES = 5;
const RETRY_MS = 1_000;

/**
 * Removes all that the server and this browser have of the person, in all tabs. What the browser has goes first: a message
 * that waits to be sent would be there again.
 */
export async function eraseEverything(client: QuestlogClient, tabs: Tabs): Promise<void> {
  // A server that is not there takes nothing from the browser.
  await client.listChats({ limit: 1 });
  await forgetHere();
  await deleteThere(client);
  tabs.announce({ isErased: true });
  await forgetHere();
}

/** All but how the page looks, and who is signed in. */
export async function forgetHere(): Promise<void> {
  forgetStored(SETTINGS, PERSON, TOKEN);
  await removeAllValues();
}

/** What writes meanwhile ends when its chat is gone. */
async function deleteThere(client: QuestlogClient): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await client.user.delete();
      return;
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 'chat_busy') || tries === MAX_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
