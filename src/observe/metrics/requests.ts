import { EVENT_STREAMS, REQUESTS, SOCKETS } from '../../channels.ts';
import { follow, type Stop } from '../follow.ts';
import { OTHER } from '../names.ts';
import { type Maker, makeLevel, SHORT, secondsSince } from './maker.ts';

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']);

export function collectRequests(maker: Maker): Stop[] {
  const { client, registers } = maker;
  const requests = new client.Counter({
    name: 'questlog_http_requests_total',
    help: 'Requests that are over, by the pattern of their route',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const seconds = new client.Histogram({
    name: 'questlog_http_request_seconds',
    help: 'How long a request took until its reply was out, without event streams and sockets',
    labelNames: ['method', 'route'],
    buckets: SHORT,
    registers,
  });
  const inFlight = makeLevel(
    maker,
    'questlog_http_requests_in_flight',
    'Requests under way, open event streams included',
  );
  const problems = new client.Counter({
    name: 'questlog_http_problems_total',
    help: 'Requests that were refused or failed, by the code of their problem',
    labelNames: ['code'],
    registers,
  });
  const followed = follow(
    REQUESTS,
    () => {
      inFlight.value += 1;
      return performance.now();
    },
    ({ method: given, route = 'none', status, code, isEventStream }, began) => {
      const method = METHODS.has(given) ? given : OTHER;
      inFlight.value -= 1;
      requests.inc({ method, route, status: status ?? 'none' });
      if (!isEventStream && status !== 101) seconds.observe({ method, route }, secondsSince(began));
      if (code !== undefined) problems.inc({ code });
    },
  );
  return [followed, ...collectOpen(maker)];
}

/** What stays open. */
function collectOpen(maker: Maker): Stop[] {
  const { client, registers } = maker;
  const streams = makeLevel(maker, 'questlog_event_streams_open', 'Event streams that clients read now');
  const streamsBegun = new client.Counter({
    name: 'questlog_event_streams_total',
    help: 'Event streams that were begun',
    registers,
  });
  const sockets = makeLevel(maker, 'questlog_sockets_open', 'WebSockets of users that are open now');
  const socketsOpened = new client.Counter({
    name: 'questlog_sockets_total',
    help: 'WebSockets of users that were opened',
    registers,
  });
  const open = [
    [EVENT_STREAMS, streams, streamsBegun],
    [SOCKETS, sockets, socketsOpened],
  ] as const;
  return open.map(([channel, level, counter]) =>
    follow(
      channel,
      () => {
        level.value += 1;
        counter.inc();
      },
      () => {
        level.value -= 1;
      },
    ),
  );
}
