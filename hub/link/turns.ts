import { SpanKind } from '@opentelemetry/api';
import { isSameTrace } from '../../core/traceparent.ts';
import type { Spans } from '../../telemetry/spans.ts';
import type { StatusRow } from './reports.ts';
import type { Turn } from './store-reports.ts';

/**
 * Keeps a `report` span for each placement that a stored report was a turn for: with it a commit's trace ends. What
 * an agent says of a trace is believed only where it is the trace of what it was assigned.
 * @param since when the first of the reports came, milliseconds since the epoch
 */
export function traceTurns(spans: Spans, turns: readonly Turn[], rows: readonly StatusRow[], since: number): void {
  if (turns.length === 0) return;
  const told = new Map(rows.map((row) => [`${row.cluster}/${row.application}`, row.reported.traceparent]));
  for (const { cluster, application, environment, release, to, traceparent } of turns) {
    if (traceparent === null) continue;
    const said = told.get(`${cluster}/${application}`) ?? null;
    const attributes = {
      'k8s.cluster.name': cluster,
      'fairway.application': application,
      'fairway.release': release,
      'fairway.phase': to,
      'deployment.environment.name': environment,
    };
    const parent = isSameTrace(said, traceparent) ? said : traceparent;
    spans.open('report', { parent, attributes, since, kind: SpanKind.CONSUMER }).end();
  }
}
