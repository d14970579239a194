import { SpanKind } from '@opentelemetry/api';
import type { DesiredUpdate } from '../../core/link/desired-state.ts';
import type { OpenSpan, Spans } from '../../telemetry/spans.ts';

/** An update that is on its way to an agent, and the spans of its assignments' way over the link. */
export interface Journey {
  readonly update: DesiredUpdate;
  /** @param error why it did not arrive, where it did not */
  end(error?: unknown): void;
}

/**
 * Opens a `link` span for each assignment that carries a recorded trace, and has the agent go on from it: a cluster
 * that has what it is to run is told of no trace, so that only news cost something.
 */
export function beginJourney(spans: Spans, cluster: string, update: DesiredUpdate): Journey {
  const opened: OpenSpan[] = [];
  const assigned = update.assigned.map((assignment) => {
    const { traceparent: parent, application, release } = assignment;
    if (parent === null) return assignment;
    const attributes = {
      'k8s.cluster.name': cluster,
      'fairway.application': application,
      'fairway.release': release,
      'deployment.environment.name': assignment.environment,
    };
    const span = spans.open('link', { parent, attributes, kind: SpanKind.PRODUCER });
    opened.push(span);
    return { ...assignment, traceparent: span.traceparent };
  });
  return {
    update: { ...update, assigned },
    end(error) {
      for (const span of opened) span.end(error);
    },
  };
}
