import { TASKS, type Task } from '../../channels.ts';
import { follow, type Stop } from '../follow.ts';
import { type Maker, SHORT, secondsSince, startAtZero } from './maker.ts';

const NAMES = [
  'append_batch',
  'events',
  'expire',
  'index',
  'leases',
  'poll',
  'purge',
  'sweep',
] as const satisfies Task[];

export function collectTasks({ client, registers }: Maker): Stop[] {
  const seconds = new client.Histogram({
    name: 'questlog_task_seconds',
    help: 'How long a piece of work of no one request took',
    labelNames: ['task'],
    buckets: SHORT,
    registers,
  });
  const failures = new client.Counter({
    name: 'questlog_task_failures_total',
    help: 'Work of no one request that failed; it is tried again',
    labelNames: ['task'],
    registers,
  });
  const appends = new client.Histogram({
    name: 'questlog_append_batch_appends',
    help: 'How many appends to chats shared a statement',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500],
    registers,
  });
  const purged = new client.Counter({
    name: 'questlog_purged_total',
    help: 'What purges of this process have removed for good',
    labelNames: ['kind'],
    registers,
  });
  startAtZero(failures, 'task', NAMES);
  startAtZero(purged, 'kind', ['chats', 'archived_items', 'runs', 'usage']);
  const followed = follow(
    TASKS,
    () => performance.now(),
    (message, began) => {
      const { task } = message;
      seconds.observe({ task }, secondsSince(began));
      if (message.error !== undefined) failures.inc({ task });
      if (message.appends !== undefined) appends.observe(message.appends);
      if (message.purged === undefined) return;
      purged.inc({ kind: 'chats' }, message.purged.chats);
      purged.inc({ kind: 'archived_items' }, message.purged.archivedItems);
      purged.inc({ kind: 'runs' }, message.purged.runs);
      purged.inc({ kind: 'usage' }, message.purged.usage);
    },
  );
  return [followed];
}
