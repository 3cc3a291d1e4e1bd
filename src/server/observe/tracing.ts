import { traceSpans } from '../../observe/trace-spans.ts';

/**
 * Begins to make spans, where an OpenTelemetry was set up before the server, as by `node --import`. Without one nothing is
 * traced, and nothing is spent on it.
 *
 * @returns whether there is one.
 */
export async function startTracing(): Promise<boolean> {
  const api = await import('@opentelemetry/api').catch(() => undefined);
  if (api === undefined) return false;
  const isNothing = delegateOf(api.trace.getTracerProvider()) === delegateOf(new api.ProxyTracerProvider());
  if (!isNothing) traceSpans({ api });
  return !isNothing;
}

/** That of which a provider is the proxy: of one that nobody has set, the one that does nothing. */
function delegateOf(provider: object): unknown {
  return 'getDelegate' in provider && typeof provider.getDelegate === 'function'
    ? provider.getDelegate()
    : provider;
}
