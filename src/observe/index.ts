export { collectMetrics, type MetricsOptions, type PromClient } from './collect-metrics.ts';
export { type OpenTelemetry, type SpanOptions, traceSpans } from './trace-spans.ts';
