/** Questlog inside your own Hono app, and a route of your own that is made of the same parts. */
import { serve } from '@hono/node-server';
import { Agent } from '@openai/agents';
import { Hono } from 'hono';
import { migrate, openDatabase, QuestlogError } from 'questlog';
import {
  type Authenticate,
  createHandler,
  eventStreamHeaders,
  Runs,
  readLastEventId,
  toEventStream,
  toProblemResponse,
} from 'questlog/fetch';

const db = await openDatabase(process.env.DATABASE_URL ?? './data');
await migrate(db);
const runs = new Runs({ db });
await runs.recover();

const sessions = new Map([['secret-of-ada', 'ada']]);
const userOf = (authorization = '') => {
  const userId = sessions.get(authorization.replace('Bearer ', ''));
  if (userId === undefined) throw new QuestlogError('unauthenticated', 'sign in first');
  return userId;
};
const authenticate: Authenticate = ({ headers }) => ({ userId: userOf(headers.authorization) });
const agent = new Agent({ name: 'Support', instructions: 'You help the customers of a bicycle shop.' });
const handler = createHandler({ basePath: '/api', db, runs, agents: [agent], authenticate });

const app = new Hono();
app.all('/api/*', ({ req }) => handler(req.raw));
app.get('/greeting', async ({ req }) => {
  const userId = userOf(req.header('authorization'));
  const run = await runs.start({ agent, userId, input: 'Greet me', chatId: null });
  const after = readLastEventId(req.header('last-event-id'));
  return new Response(toEventStream(run, { after }), { headers: eventStreamHeaders(run) });
});
app.onError((error) => toProblemResponse(error));

const server = serve(
  { fetch: app.fetch, port: Number(process.env.PORT ?? 8000), hostname: '127.0.0.1' },
  (address) => {
    console.log('listening on', address);
  },
);
// Not `once`: the Agents SDK ends the process by itself as soon as it is the only listener of a signal.
process.on('SIGTERM', async () => {
  server.close(() => db.close());
  await runs.close(3_000);
  if ('closeAllConnections' in server) server.closeAllConnections();
});
