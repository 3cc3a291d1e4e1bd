/** Questlog inside your own Express app: your users, your agents, your routes beside it. */
import { Agent } from '@openai/agents';
import express, { type Request } from 'express';
import { migrate, openDatabase, QuestlogError } from 'questlog';
import { createHandler, Runs } from 'questlog/node';

const db = await openDatabase(process.env.DATABASE_URL ?? './data');
await migrate(db);
const runs = new Runs({ db });
await runs.recover();

/** A request after your own middleware, which knows its users. */
type SignedIn = Request & { user?: string };
const sessions = new Map([['secret-of-ada', 'ada']]);

const app = express();
app.use(express.json());
app.use((request: SignedIn, _response, next) => {
  request.user = sessions.get((request.headers.authorization ?? '').replace('Bearer ', ''));
  next();
});
app.use(
  '/api',
  createHandler({
    basePath: '/api',
    db,
    runs,
    agents: [new Agent({ name: 'Support', instructions: 'You help the customers of a bicycle shop.' })],
    authenticate: ({ user }: SignedIn) => {
      if (user === undefined) throw new QuestlogError('unauthenticated', 'sign in first');
      return { userId: user };
    },
  }),
);
app.get('/', (_request, response) => {
  response.send('my own route');
});

const server = app.listen(Number(process.env.PORT ?? 8000), '127.0.0.1', () => {
  console.log('listening on', server.address());
});
// Not `once`: the Agents SDK ends the process by itself as soon as it is the only listener of a signal.
process.on('SIGTERM', async () => {
  server.close(() => db.close());
  await runs.close(3_000);
  server.closeAllConnections();
});
