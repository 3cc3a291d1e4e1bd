import { createHash, timingSafeEqual } from 'node:crypto';
import { singleFlight } from '../../database/single-flight.ts';
import { collectMetrics } from '../../observe/collect-metrics.ts';

/** The metrics of this process. */
export interface Metrics {
  readonly contentType: string;
  /** The text of a scrape. Those who ask at the same time get the same. */
  render(): Promise<string>;
  /** Whether a request may have them, by its `Authorization`. */
  allows(authorization: string | undefined): boolean;
}

/** The metrics of this process, for one that puts those of several together. */
export interface OwnMetrics extends Metrics {
  /** As prom-client's `AggregatorRegistry` takes them. */
  takeSnapshot(): Promise<readonly object[]>;
}

/**
 * Begins to collect the metrics of this process, with those of Node.
 *
 * @param token who may have them; undefined: everybody who reaches them.
 */
export async function startMetrics(token: string | undefined): Promise<OwnMetrics> {
  const { default: client } = await import('prom-client');
  const registry = new client.Registry();
  client.collectDefaultMetrics({ register: registry });
  collectMetrics({ client, registry });
  return {
    contentType: registry.contentType,
    render: singleFlight(() => registry.metrics()),
    allows: allowing(token),
    takeSnapshot: () => registry.getMetricsAsJSON(),
  };
}

/** Whether a request may have what is for whoever has the token; undefined: for everybody. */
export function allowing(token: string | undefined): Metrics['allows'] {
  const expected = token === undefined ? undefined : hash(`bearer ${token}`);
  return (authorization = '') =>
    expected === undefined ||
    timingSafeEqual(hash(authorization.trim().replace(/^bearer +/i, 'bearer ')), expected);
}

/** Of one length, as a comparison needs that takes the same time for each. */
function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
