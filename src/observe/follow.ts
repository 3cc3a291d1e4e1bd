import type { Activity, ActivityChannel, MessageChannel } from '../channels.ts';
import { type ErrorCode, QuestlogError } from '../errors.ts';

/** Ends a subscription. */
export type Stop = () => void;

/**
 * Follows the activities of a channel, each from its start to its end.
 *
 * @param onStart what is to be known of it at its end.
 */
export function follow<Message extends Activity, State>(
  activities: ActivityChannel<Message>,
  onStart: (message: Message) => State,
  onEnd: (message: Message, state: State) => void,
): Stop {
  // One that began before is not known, and does not count.
  const underWay = new WeakMap<Message, State>();
  const start = guard((message: Message) => void underWay.set(message, onStart(message)));
  const end = guard((message: Message) => {
    const state = underWay.get(message) as State;
    if (underWay.delete(message)) onEnd(message, state);
  });
  activities.start.subscribe(start);
  activities.asyncEnd.subscribe(end);
  return () => {
    activities.start.unsubscribe(start);
    activities.asyncEnd.unsubscribe(end);
  };
}

/** Receives the messages of a channel. */
export function receive<Message>(
  messages: MessageChannel<Message>,
  onMessage: (message: Message) => void,
): Stop {
  const listener = guard(onMessage);
  messages.subscribe(listener);
  return () => messages.unsubscribe(listener);
}

/** Node ends the process for what a listener of a channel throws: who only looks on must not end what works. */
function guard<Message>(listener: (message: Message) => void): (message: Message) => void {
  return (message) => {
    try {
      listener(message);
    } catch (error) {
      process.emitWarning('what happened could not be counted', { detail: String(error) });
    }
  };
}

/** What may be told of a failure; undefined: there was none. */
export function codeOf({ error }: Activity): ErrorCode | undefined {
  if (error === undefined) return undefined;
  return error instanceof QuestlogError ? error.code : 'internal';
}
