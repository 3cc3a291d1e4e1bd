import { Agent } from '@openai/agents-core';
import { pino } from 'pino';
import { Database } from '../../dist/database/database.js';
import { readAgents } from '../../dist/http/agents/read-agents.js';
import { localUser } from '../../dist/http/index.js';
import { createModel } from '../../dist/models/model.js';
import { buildApp } from '../../dist/server/app.js';
import { readConfig } from '../../dist/server/config.js';

/** Of the agent that is served here at `/chat`, too. */
const AGENT_PATH = /^\/agents\/your-agent\//;

/** The OpenAPI document of the server as it was built: it is made in this process, and its database is never asked. */
export async function readDocument() {
  const refuse = () => Promise.reject(new Error('there is no database here'));
  const db = { kind: 'pglite', location: 'nowhere', connections: 1, query: refuse, transaction: refuse };
  const app = await buildApp({
    config: readConfig({ QUESTLOG_SHUTDOWN: '0' }),
    db: new Database(db),
    authenticate: localUser,
    model: await createModel({}),
    agents: readAgents(new Agent({ name: 'your agent' })),
    log: pino({ level: 'silent' }),
  });
  const { paths, ...document } = (await app.inject('/openapi.json')).json();
  await app.close();
  return {
    ...document,
    paths: Object.fromEntries(Object.entries(paths).filter(([path]) => !AGENT_PATH.test(path))),
  };
}
