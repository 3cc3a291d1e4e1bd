import { Agent, type RunContext, tool } from '@openai/agents-core';
import * as api from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Database, DatabaseSession } from '../../src/index.ts';
import { traceSpans } from '../../src/observe/index.ts';
import type { ChatContext } from '../../src/run/types.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { createGate } from '../support/gate.ts';
import { appOn, runsOn, strictModel } from '../support/runs.ts';

const exporter = new InMemorySpanExporter();
let stop: () => void;

beforeAll(() => {
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  api.trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
  );
  api.propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  stop = traceSpans({ api });
});

afterAll(() => {
  stop();
  api.propagation.disable();
  api.trace.disable();
  api.context.disable();
});

beforeEach(() => exporter.reset());

const idOf = (span: ReadableSpan) => span.spanContext().spanId;

function named(name: RegExp): ReadableSpan[] {
  return exporter.getFinishedSpans().filter((span) => name.test(span.name));
}

function parentOf(span: ReadableSpan | undefined): ReadableSpan | undefined {
  return exporter.getFinishedSpans().find((other) => idOf(other) === span?.parentSpanContext?.spanId);
}

/** The names of a span and of those above it. */
function pathOf(span: ReadableSpan | undefined): string[] {
  return span === undefined ? [] : [...pathOf(parentOf(span)), span.name];
}

/** An agent whose tool reads and writes, on a model that calls it whenever it is spoken to. */
async function readerOf(db: Database, said: { readonly reply: string; readonly found: string }) {
  const { model } = await strictModel((input) =>
    input.at(-1)?.type === 'function_call_output'
      ? { text: said.reply }
      : { calls: [{ name: 'look_up', args: { at: said.reply } }] },
  );
  const lookUp = tool({
    name: 'look_up',
    description: 'Looks it up',
    parameters: z.object({ at: z.string() }),
    execute: async ({ at }, run?: RunContext<ChatContext>) => {
      const { userId } = run?.context ?? { userId: '' };
      const session = new DatabaseSession(`notes of ${userId}`, db, { userId });
      await session.addItems([{ role: 'user', content: at }]);
      await db.query({ text: `select '${said.found}' as found`, userId });
      return said.found;
    },
  });
  return new Agent({ name: 'Reader', instructions: said.found, model, tools: [lookUp] });
}

describe.each(DATABASES)('spans ($name)', ({ open }) => {
  test('are request, run, model calls and tool, and the statements of each', async () => {
    const db = await open();
    const { ask } = await appOn(runsOn(db), db, await readerOf(db, { reply: 'Yes.', found: 'a gate' }));
    const reply = await ask('POST', '/chat/run', { input: 'What is there?' });
    expect(reply.statusCode).toBe(200);
    await expect.poll(() => named(/^POST/)).toHaveLength(1);
    const above = ['POST /chat/run', 'invoke_agent Reader'];
    expect(named(/^chat /).map(pathOf)).toEqual([1, 2].map(() => [...above, 'chat strict']));
    const [execution] = named(/^execute_tool/);
    expect(pathOf(execution)).toEqual([...above, 'execute_tool look_up']);
    const [first] = named(/^chat /);
    expect(execution?.links.map(({ context }) => context.spanId)).toEqual([first && idOf(first)]);
    const inTool = exporter.getFinishedSpans().filter((span) => parentOf(span) === execution);
    expect(inTool.map(({ name }) => name)).toEqual(expect.arrayContaining(['select']));
    expect(inTool.length).toBeGreaterThan(1);
    expect(pathOf(named(/^begin_run$/)[0])).toEqual(['POST /chat/run', 'begin_run']);
    expect(pathOf(named(/^end_run$/)[0]).slice(0, 2)).toEqual(above);
    const traces = new Set(exporter.getFinishedSpans().map((span) => span.spanContext().traceId));
    expect(traces.size).toBe(1);
    const { run_id, session_id } = reply.json();
    expect(named(/^invoke_agent/)[0]?.attributes).toEqual({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'Reader',
      'gen_ai.conversation.id': session_id,
      'questlog.run_id': run_id,
      'questlog.run_status': 'completed',
    });
    expect(first?.attributes['gen_ai.usage.output_tokens']).toEqual(expect.any(Number));
    expect(first?.events.map(({ name }) => name)).toEqual(['first_token']);
  });

  test('belong to the trace that the client names, or else to one of their own', async () => {
    const db = await open();
    const { ask } = await appOn(runsOn(db), db, await readerOf(db, { reply: 'Yes.', found: 'a gate' }));
    const sentIn = async (traceparent: string) => {
      exporter.reset();
      await ask('GET', '/chats', undefined, { traceparent });
      await expect.poll(() => named(/^GET/)).toHaveLength(1);
      const [span] = named(/^GET/);
      return { trace: span?.spanContext().traceId, parent: span?.parentSpanContext?.spanId };
    };
    const [trace, parent] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
    expect(await sentIn(`00-${trace}-${parent}-01`)).toEqual({ trace, parent });
    for (const wrong of ['', `00-${'0'.repeat(32)}-${parent}-01`, `00-${trace}-01`, `${trace}, ${trace}`]) {
      const own = await sentIn(wrong);
      expect([own.trace, own.parent]).toEqual([expect.not.stringContaining(trace), undefined]);
    }
  });

  test('stay in the trace of their request when its client has left, those of the title included', async () => {
    const db = await open();
    const gate = createGate();
    const { model } = await strictModel(() => ({
      text: 'In the end it comes.',
      hangAfter: 0,
      until: gate.opened,
      pace: 40,
    }));
    const { model: titler } = await strictModel(() => ({ text: 'A title' }));
    const { app } = await appOn(
      runsOn(db, { titles: { model: titler } }),
      db,
      new Agent({ name: 'Slow', model }),
    );
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const leaving = new AbortController();
    const headers = { 'x-test-user': newUser(), 'content-type': 'application/json' };
    const body = JSON.stringify({ input: 'Tell me' });
    await fetch(`${url}/chat/stream`, { method: 'POST', headers, body, signal: leaving.signal });
    leaving.abort();
    await expect.poll(() => named(/^POST/)).toHaveLength(1);
    expect(named(/^invoke_agent/)).toEqual([]);
    gate.open();
    await expect.poll(() => named(/^title$/)).toHaveLength(1);
    expect(pathOf(named(/^chat /)[0])).toEqual(['POST /chat/stream', 'invoke_agent Slow', 'chat strict']);
    expect(pathOf(named(/^title$/)[0])).toEqual(['POST /chat/stream', 'title']);
    expect(exporter.getFinishedSpans().filter((span) => parentOf(span)?.name === 'title')).not.toEqual([]);
    // What the run had written in the background is in no trace: it is written with what others have.
    expect(named(/append_run_events|renew_leases/)).toEqual([]);
  });

  test('end with their run, also that of a model that does not answer any more', async () => {
    const db = await open();
    const { model } = await strictModel(() => ({ text: 'Never whole', hangAfter: 1 }));
    const { ask } = await appOn(runsOn(db), db, new Agent({ name: 'Stuck', model }));
    const chat = newUser();
    const reply = ask('POST', '/chat/run', { input: 'Tell me', session_id: chat });
    const running = async () => (await ask('GET', `/chats/${chat}/runs`)).json().runs?.[0]?.run_id;
    await expect.poll(running).toBeDefined();
    await ask('POST', `/runs/${await running()}/cancel`);
    expect((await reply).json().code).toBe('run_cancelled');
    await expect.poll(() => named(/^(chat strict|invoke_agent Stuck)$/)).toHaveLength(2);
    for (const span of named(/^(chat strict|invoke_agent Stuck)$/)) {
      expect(span.status).toEqual({ code: api.SpanStatusCode.ERROR });
    }
    expect(named(/^invoke_agent/)[0]?.attributes['error.type']).toBe('run_cancelled');
  });

  test('of what had to wait for others belong to who has asked, and to nobody else', async () => {
    const db = await open();
    const userId = newUser();
    const tracer = api.trace.getTracer('test');
    const sessionOf = (chat: number) => new DatabaseSession(`chat ${chat} of ${userId}`, db, { userId });
    const work = {
      append: (chat: number) => sessionOf(chat).addItems([{ role: 'user', content: 'Hi' }]),
      read: (chat: number) => sessionOf(chat).getItems(),
      pop: (chat: number) => sessionOf(chat).popItem(),
    };
    const kinds = ['append', 'read', 'pop'] as const;
    const doAs = (name: string, kind: keyof typeof work, chat: number) =>
      tracer.startActiveSpan(name, async (span) => {
        await work[kind](chat);
        span.end();
      });
    const below = (name: string) => {
      const [root] = named(new RegExp(`^${name}$`));
      const traceId = root?.spanContext().traceId;
      const spans = exporter.getFinishedSpans().filter((span) => span.spanContext().traceId === traceId);
      return spans.filter((span) => span !== root).map((span) => span.name);
    };
    for (const chat of [0, 1, 2]) await work.append(chat);
    for (const kind of kinds) await doAs(`alone ${kind}`, kind, 0);
    const alone = Object.fromEntries(kinds.map((kind) => [kind, below(`alone ${kind}`)]));
    const many = Array.from({ length: 60 }, (_, index) => ({
      kind: kinds[((index * 7) % 5) % 3] ?? 'read',
      index,
    }));
    await Promise.all(many.map(({ kind, index }) => doAs(`many ${kind} ${index}`, kind, index % 3)));
    for (const { kind, index } of many) {
      const made = below(`many ${kind} ${index}`);
      const expected = kind === 'append' && made[0] === 'wait_for_batch' ? ['wait_for_batch'] : alone[kind];
      expect([index, kind, made]).toEqual([index, kind, expected]);
    }
    expect(many.flatMap(({ kind, index }) => below(`many ${kind} ${index}`))).toContain('wait_for_batch');
  });

  test('hold nothing that was said, called, found, asked of the database or sent as a token', async () => {
    const db = await open();
    const said = fc
      .string({ minLength: 8, maxLength: 40, unit: 'grapheme' })
      .map((text) => `§${text.replaceAll("'", '´')}`);
    await fc.assert(
      fc.asyncProperty(fc.tuple(said, said, said, said), async ([reply, found, input, title]) => {
        exporter.reset();
        const userId = `user ${newUser()}`;
        const { ask } = await appOn(runsOn(db), db, await readerOf(db, { reply, found }), userId);
        const secret = `Bearer ${userId}`;
        const { session_id: chat } = (
          await ask('POST', '/chat/run', { input }, { authorization: secret })
        ).json();
        await ask('PUT', `/chats/${chat}`, { title, metadata: { [title]: found } });
        await ask('GET', `/chats?query=${encodeURIComponent(input)}`);
        await ask('POST', '/chat/run', {
          input: [{ role: 'user', content: [{ type: 'odd', text: input }] }],
        });
        await expect(
          db.query({ text: `select '${found.replaceAll("'", '')}' from nothing`, userId }),
        ).rejects.toThrow();
        await expect.poll(() => named(/^(GET|POST|PUT) /)).toHaveLength(4);
        const told = exporter
          .getFinishedSpans()
          .map(({ name, attributes, events, links, status, resource }) =>
            JSON.stringify([name, attributes, events, links, status, resource.attributes]),
          );
        const kept = [reply, found, input, title, userId].map((text) => JSON.stringify(text).slice(1, -1));
        expect(told.filter((text) => kept.some((one) => text.includes(one)))).toEqual([]);
      }),
      { numRuns: 10 },
    );
  });
});
