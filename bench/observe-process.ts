/** An app of chats in a process of its own, to whose work nobody, or somebody, listens. */
import { Agent, request } from 'node:http';
import * as api from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import Fastify from 'fastify';
import * as client from 'prom-client';
import type { Database } from '../src/database/database.ts';
import { openDatabase } from '../src/database/open.ts';
import { chatStorageRouter } from '../src/http/routes/chats/chats.ts';
import { createChat, DatabaseSession } from '../src/index.ts';
import { collectMetrics, traceSpans } from '../src/observe/index.ts';
import { serve } from './worker.ts';

export type Listener = 'nobody' | 'metrics' | 'metrics and spans';

const CONCURRENCY = 10;
const USER = 'ann';

let db: Database;
let url: URL;
const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });

const WORK = {
  get: () => get(),
  append: (index: number) =>
    new DatabaseSession(`chat ${index}`, db, { userId: USER }).addItems([{ role: 'user', content: 'Hi' }]),
};
export type Work = keyof typeof WORK;

const methods = {
  async open(database: string, listener: Listener): Promise<void> {
    if (listener !== 'nobody') collectMetrics({ client, registry: new client.Registry() });
    if (listener === 'metrics and spans') {
      api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
      api.trace.setGlobalTracerProvider(new BasicTracerProvider());
      traceSpans({ api });
    }
    db = await openDatabase(database);
    const { chatId } = await createChat(db, USER, { title: 'A chat' });
    const app = Fastify();
    await app.register(chatStorageRouter, { prefix: '/chats', db, authenticate: () => ({ userId: USER }) });
    url = new URL(`/chats/${chatId}`, await app.listen({ host: '127.0.0.1', port: 0 }));
  },

  /** @returns microseconds of the processor for each, those of its client included. */
  async measure(work: Work, count: number): Promise<number> {
    const before = process.cpuUsage();
    let next = 0;
    const worker = async (index: number) => {
      while (next < count) {
        next += 1;
        await WORK[work](index);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, (_, index) => worker(index)));
    const { user, system } = process.cpuUsage(before);
    return (user + system) / count;
  },
};

export type ObserveMethods = typeof methods;

function get(): Promise<void> {
  return new Promise((resolve, reject) => {
    request(url, { agent }, (reply) => reply.resume().once('end', resolve))
      .once('error', reject)
      .end();
  });
}

serve(methods);
