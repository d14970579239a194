import type { OpenSpan } from '../../telemetry/spans.ts';
import type { Active, Application, PassResult } from './application.ts';
import type { Context } from './context.ts';

/** The part of a pass that takes an application to its bundle: its span, and how long it took. */
export interface Applying {
  /** Begins it, where that was not done. */
  within<T>(work: () => T): T;
  /** @param error what the pass threw, where it did */
  end(result: PassResult['result'] | 'cancelled' | 'error', error?: unknown): void;
}

/** What is told of the application goes on from the span, once that has begun. */
export function createApplying(app: Application, { assignment }: Active, { spans, metrics }: Context): Applying {
  let begun: { readonly span: OpenSpan; readonly at: number } | null = null;
  const begin = () => {
    const attributes = {
      'fairway.application': app.name,
      'fairway.release': assignment.release,
      'fairway.objects': app.targets.size,
      'deployment.environment.name': assignment.environment,
    };
    const span = spans.open('apply', { parent: assignment.traceparent, attributes });
    if (assignment === app.assignment) app.traceparent = span.traceparent;
    return { span, at: performance.now() };
  };
  return {
    within(work) {
      begun ??= begin();
      return begun.span.within(work);
    },
    end(result, error) {
      if (begun === null) return;
      begun.span.set({ 'fairway.result': result });
      begun.span.end(error);
      metrics.applied(result, (performance.now() - begun.at) / 1_000);
    },
  };
}
