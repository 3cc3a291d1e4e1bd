/** Questlog inside your own Fastify app: your users, your agent, your routes beside it. */
import { Agent } from '@openai/agents';
import Fastify from 'fastify';
import { migrate, openDatabase, QuestlogError } from 'questlog';
import { type Authenticate, chatStorageRouter, createAgentRouter, Runs, runsRouter } from 'questlog/fastify';

const db = await openDatabase(process.env.DATABASE_URL ?? './data');
await migrate(db);

// Whatever your app already does to know its users.
const sessions = new Map([['secret-of-ada', 'ada']]);
const authenticate: Authenticate = ({ headers }) => {
  const userId = sessions.get((headers.authorization ?? '').replace('Bearer ', ''));
  if (userId === undefined) throw new QuestlogError('unauthenticated', 'sign in first');
  return { userId };
};

const agent = new Agent({ name: 'Support', instructions: 'You help the customers of a bicycle shop.' });

const runs = new Runs({ db });
await runs.recover();

const app = Fastify();
await app.register(chatStorageRouter, { prefix: '/chats', db, authenticate });
await app.register(
  createAgentRouter({ agent, prefix: '/chat', agentName: 'Support', db, runs, authenticate }),
);
await app.register(runsRouter, { prefix: '/runs', runs, authenticate });
app.addHook('preClose', () => runs.close(3_000));
app.get('/', () => 'my own route');
app.addHook('onClose', () => db.close());

console.log(`listening on ${await app.listen({ port: Number(process.env.PORT ?? 8000) })}`);
// Not `once`: the Agents SDK ends the process by itself as soon as it is the only listener of a signal.
process.on('SIGTERM', () => app.close());
