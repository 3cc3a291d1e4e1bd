import { openDatabase } from '../../src/database/open.ts';
import { migrate } from '../../src/driver/migrate.ts';
import { newId } from '../../src/ids.ts';
import { distribute } from '../../src/store/distribution/distribute.ts';
import { asAdmin } from './postgres-server.ts';

interface Node {
  readonly host: string;
  readonly port: number;
}

const NODES = `select nodename as host, nodeport as port from pg_dist_node where isactive order by groupid`;

/** The nodes of a cluster, the coordinator first. */
export async function nodesOf(url: string): Promise<Node[]> {
  const { rows } = await asAdmin(url, (client) => client.query<Node>(NODES));
  return rows;
}

/**
 * Creates a database on every node of a cluster, and joins them.
 *
 * @param url of the coordinator, as a superuser.
 * @returns its URL there.
 */
export async function createCluster(url: string, prefix: string): Promise<string> {
  const name = `${prefix}${newId().replaceAll('-', '')}`;
  const nodes = await nodesOf(url);
  await Promise.all(
    nodes.map(async (node) => {
      await asAdmin(at(url, node), async (client) => {
        await client.query('set citus.enable_create_database_propagation to off');
        await client.query(`create database ${name} encoding 'UTF8' template template0`);
      });
      await asAdmin(at(url, node, name), (client) => client.query('create extension citus'));
    }),
  );
  const [coordinator, ...workers] = nodes as [Node, ...Node[]];
  const created = at(url, coordinator, name);
  await asAdmin(created, async (client) => {
    await client.query('select citus_set_coordinator_host($1, $2)', [coordinator.host, coordinator.port]);
    for (const { host, port } of workers) await client.query('select citus_add_node($1, $2)', [host, port]);
  });
  return created;
}

/** As `createCluster`, with Questlog's tables distributed. */
export async function createDistributed(url: string, prefix: string): Promise<string> {
  const created = await createCluster(url, prefix);
  const db = await openDatabase(created);
  await migrate(db);
  await distribute(db);
  await db.close();
  return created;
}

/** Drops the databases whose name begins so, on every node. */
export async function dropClusters(url: string, prefix: string): Promise<void> {
  for (const node of await nodesOf(url)) {
    await asAdmin(at(url, node), async (client) => {
      await client.query('set citus.enable_create_database_propagation to off');
      const { rows } = await client.query('select datname from pg_database where starts_with(datname, $1)', [
        prefix,
      ]);
      for (const { datname } of rows) await client.query(`drop database ${datname} with (force)`);
    });
  }
}

function at(url: string, { host, port }: Node, database?: string): string {
  const place = new URL(url);
  place.hostname = host;
  place.port = String(port);
  if (database !== undefined) place.pathname = `/${database}`;
  return place.href;
}
