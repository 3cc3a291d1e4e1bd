/** Questlog behind Next.js route handlers: your users, your agents, at `/api`. */
import { Agent } from '@openai/agents';
import { migrate, openDatabase, QuestlogError } from 'questlog';
import { type Authenticate, createHandler, type FetchHandler, Runs } from 'questlog/fetch';

const sessions = new Map([['secret-of-ada', 'ada']]);
const authenticate: Authenticate = ({ headers }) => {
  const userId = sessions.get((headers.authorization ?? '').replace('Bearer ', ''));
  if (userId === undefined) throw new QuestlogError('unauthenticated', 'sign in first');
  return { userId };
};

/** `next build` imports this module, too: what it needs is opened by the first request, once a process. */
const opened: { handler?: Promise<FetchHandler> } = {};

async function open(): Promise<FetchHandler> {
  const db = await openDatabase(process.env.DATABASE_URL ?? './data');
  await migrate(db);
  const runs = new Runs({ db });
  await runs.recover();
  const agent = new Agent({ name: 'Support', instructions: 'You help the customers of a bicycle shop.' });
  return createHandler({ basePath: '/api', db, runs, agents: [agent], authenticate });
}

async function handle(request: Request): Promise<Response> {
  opened.handler ??= open();
  return (await opened.handler)(request);
}

export { handle as DELETE, handle as GET, handle as POST, handle as PUT };
