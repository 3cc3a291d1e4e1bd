import type { EnvReader } from '../env-reader.ts';
import type { Place } from './listen.ts';

/** Whether metrics are served, and to whom. */
export interface MetricsSettings {
  /** Where nothing else is served; undefined: beside everything else, to whoever has the token. */
  readonly place: Place | undefined;
  readonly token: string | undefined;
}

/** Fewer could be tried out. */
const MIN_TOKEN = 16;

/** Undefined: they are not served. */
export function readMetricsSettings(reader: EnvReader): MetricsSettings | undefined {
  const port = reader.optionalNumber('QUESTLOG_METRICS_PORT', 0, 65_535);
  const host = reader.text('QUESTLOG_METRICS_HOST') ?? '127.0.0.1';
  const token = reader.headerText('QUESTLOG_METRICS_TOKEN');
  reader.refuseWithout('QUESTLOG_METRICS_PORT', ['QUESTLOG_METRICS_HOST']);
  if (token !== undefined && token.length < MIN_TOKEN) {
    reader.problem('QUESTLOG_METRICS_TOKEN', `must have at least ${MIN_TOKEN} characters`);
  }
  if (port !== undefined && port !== 0 && String(port) === (reader.text('PORT') ?? '8000')) {
    reader.problem(
      'QUESTLOG_METRICS_PORT',
      'must not be PORT: with QUESTLOG_METRICS_TOKEN alone they are served there',
    );
  }
  if (port === undefined && token === undefined) return undefined;
  return { place: port === undefined ? undefined : { host: host.replace(/^\[(.*)\]$/, '$1'), port }, token };
}
