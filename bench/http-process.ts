/** The ready server with a model of the benchmark, and bare routes beside it, in a process of their own. */
import type { AddressInfo } from 'node:net';
import { Runner } from '@openai/agents-core';
import Fastify from 'fastify';
import { createDungeonMaster } from '../src/agents/dungeon-master/dungeon-master.ts';
import { Database } from '../src/database/database.ts';
import { migrate } from '../src/driver/migrate.ts';
import { openDriver } from '../src/driver/open.ts';
import { createStackAuth } from '../src/http/auth/stack.ts';
import { exampleAgents } from '../src/server/agents/example.ts';
import { buildApp } from '../src/server/app.ts';
import { readConfig } from '../src/server/config.ts';
import { createLog } from '../src/server/start.ts';
import { DatabaseSession } from '../src/session/database-session.ts';
import { type StackAuthStub, startStackAuthStub } from '../test/support/stack-auth.ts';
import { routeBare } from './bare-routes.ts';
import { BenchModel } from './bench-model.ts';
import { CountingDriver } from './counting-driver.ts';
import { toItem } from './stores/questlog.ts';
import { openPool, POOL_SIZE } from './stores/store.ts';
import { turn } from './turn.ts';
import { serve } from './worker.ts';

const UNLIMITED = { rateLimit: 1_000_000_000, maxReplies: 1_000_000 };

let driver: CountingDriver;
let db: Database;
let stack: StackAuthStub;

const methods = {
  /**
   * @param rateLimit requests a minute of one user; as a rule one user is the whole load.
   * @returns where the server and the bare routes listen.
   */
  async open(url: string, rateLimit?: number): Promise<{ questlog: string; bare: string }> {
    driver = new CountingDriver(await openDriver(url, { poolSize: POOL_SIZE }));
    db = new Database(driver);
    await migrate(db);
    // As it is in production, but for the limits of a user.
    const limits = rateLimit === undefined ? UNLIMITED : { rateLimit };
    const config = { ...readConfig({ PORT: '0', QUESTLOG_DATA_DIR: 'elsewhere' }), database: url, ...limits };
    stack = await startStackAuthStub();
    const authenticate = createStackAuth(stack.options);
    const benchModel = new BenchModel();
    const provider = { getModel: () => benchModel };
    const model = { model: benchModel, provider, name: 'bench', offline: true, description: '' };
    const app = await buildApp({
      config,
      db,
      authenticate,
      model,
      agents: exampleAgents({ db, model: benchModel }),
      log: createLog(config.logLevel),
    });
    await app.listen({ host: '127.0.0.1', port: 0 });
    const bare = Fastify();
    const agent = createDungeonMaster({ db, model: model.model });
    routeBare(bare, { pool: openPool(url), agent, runner: new Runner({ tracingDisabled: true }) });
    await bare.listen({ host: '127.0.0.1', port: 0 });
    const urlOf = (server: { address(): AddressInfo | string | null }) =>
      `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { questlog: urlOf(app.server), bare: urlOf(bare.server) };
  },

  /** The headers of a signed-in user: a token for Questlog, the bare routes take the word for it. */
  async headersOf(userId: string): Promise<Record<string, string>> {
    return { 'x-user': userId, 'x-stack-access-token': await stack.sign({ userId, expiresIn: 7_200 }) };
  },

  /** What this process has used since it began, and what it holds. */
  usage() {
    const { user, system } = process.cpuUsage();
    const peakRss = process.resourceUsage().maxRSS * 1_024;
    return { cpuUs: user + system, ...process.memoryUsage(), peakRss, ...driver.counted() };
  },

  /** Memory that is in use, after what is not was given back. */
  heap(): number {
    for (let time = 0; time < 3; time++) global.gc?.();
    return process.memoryUsage().heapUsed;
  },

  /** Appends through `DatabaseSession` in this process, without HTTP. @returns ms each. */
  async append(chat: string, userId: string, calls: number): Promise<number[]> {
    const session = new DatabaseSession(chat, db, { userId });
    const times: number[] = [];
    for (let call = 0; call < calls; call++) {
      const began = performance.now();
      await session.addItems(turn(call).map(toItem));
      times.push(performance.now() - began);
    }
    return times;
  },
};

export type HttpMethods = typeof methods;

serve(methods);
