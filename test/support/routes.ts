import type { Ask } from './app.ts';
import type { Method } from './openapi.ts';

/** What requests are about: an idle chat with a finished run and an alternative, and another chat's run that waits for a decision. */
export interface Things {
  readonly chat_id: string;
  readonly alternative_id: string;
  readonly run_id: string;
  readonly call_id: string;
}

interface RouteRow {
  /** What its owner is answered. */
  readonly status: number;
  readonly query?: string;
  readonly body?: (things: Things) => unknown;
}

const says = ({ chat_id }: Things) => ({ input: 'hello', session_id: chat_id });

/** A request to every route of the server that succeeds: a route without a row here turns a test red. */
const ROUTES: Readonly<Record<string, RouteRow>> = {
  'GET /health': { status: 200 },
  'GET /ready': { status: 200 },
  'POST /chats': { status: 201, body: () => ({ title: 'x' }) },
  'GET /chats': { status: 200, query: '?include=conversation' },
  'GET /chats/live': { status: 426 },
  'GET /chats/search': { status: 200, query: '?q=secret' },
  'GET /chats/export': { status: 200 },
  'POST /chats/import': { status: 200, body: () => [] },
  'GET /chats/{chat_id}/export': { status: 200 },
  'GET /chats/{chat_id}': { status: 200 },
  'GET /chats/{chat_id}/alternatives': { status: 200 },
  'POST /chats/{chat_id}/alternatives/{alternative_id}/select': { status: 204 },
  'POST /chats/{chat_id}/alternatives': { status: 204, body: () => ({ from: 1, to: 9 }) },
  'PUT /chats/{chat_id}': { status: 200, body: () => ({ title: 'changed', conversation: [] }) },
  'DELETE /chats/{chat_id}': { status: 204 },
  'POST /chats/{chat_id}/restore': { status: 200 },
  'POST /chats/{chat_id}/fork': { status: 201, body: () => ({}) },
  'GET /chats/{chat_id}/items': { status: 200 },
  'PUT /chats/{chat_id}/items/{position}/feedback': { status: 204, body: () => ({ rating: 'up' }) },
  'DELETE /chats/{chat_id}/items': { status: 204, query: '?from=0&to=9' },
  'GET /chats/{chat_id}/runs': { status: 200 },
  'PUT /chats/{chat_id}/expiry': { status: 204, body: () => ({ expires_at: null }) },
  'GET /user/data': { status: 200 },
  'GET /user/retention': { status: 200 },
  'PUT /user/retention': { status: 200, body: () => ({ inactive_days: 9 }) },
  'DELETE /user/data': { status: 200 },
  'GET /usage': { status: 200, query: '?by=run' },
  'GET /agents': { status: 200 },
  'GET /agents/dungeon-master/info': { status: 200 },
  'POST /agents/dungeon-master/run': { status: 200, body: says },
  'POST /agents/dungeon-master/stream': { status: 200, body: says },
  'GET /chat/info': { status: 200 },
  'POST /chat/run': { status: 200, body: says },
  'POST /chat/stream': { status: 200, body: says },
  'GET /runs/{run_id}': { status: 200 },
  'GET /runs/{run_id}/events': { status: 200 },
  'POST /runs/{run_id}/cancel': { status: 202 },
  'POST /runs/{run_id}/approvals': {
    status: 202,
    body: ({ call_id }) => ({ decisions: [{ call_id, approve: false }] }),
  },
};

export const ROUTE_NAMES: readonly string[] = Object.keys(ROUTES);

/** Routes that need no user: for probes. */
export const OPEN_ROUTES: readonly string[] = ['GET /health', 'GET /ready'];

export interface RouteRequest {
  readonly method: Method;
  readonly url: string;
  readonly body: unknown;
  /** What the owner of the things is answered. */
  readonly status: number;
}

/** The request of a route about these things, such as `requestTo('GET /chats/{chat_id}', things)`. */
export function requestTo(route: string, things: Things): RouteRequest {
  const { status, query = '', body } = ROUTES[route] as RouteRow;
  const [method, path = ''] = route.split(' ');
  const parts: Readonly<Record<string, string>> = { ...things, position: '0' };
  const url = path.replaceAll(/\{(\w+)\}/g, (all, name: string) => parts[name] ?? all) + query;
  return { method: method as Method, url, body: body?.(things), status };
}

/** Makes such things, as the user who asks. */
export async function makeThings(ask: Ask): Promise<Things> {
  const finished = await ask('POST', '/chat/run', { input: 'secret words' });
  const waiting = await ask('POST', '/chat/run', {
    input: 'Delete the note 01a204f6-f497-7515-8397-5804c4283d60',
  });
  const { run_id, pending } = waiting.json();
  const { session_id: chat_id } = finished.json();
  await ask('POST', `/chats/${chat_id}/alternatives`, { from: 1, to: 1 });
  return { chat_id, alternative_id: '1', run_id, call_id: pending[0].call_id };
}
