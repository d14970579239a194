import type { EventDetail } from '../../core/link/status.ts';
import type { Application } from './application.ts';
import type { Context } from './context.ts';

/** Tells of something that happened to an application, on the trace of its assignment. */
export function tell(
  { name, assignment: { release }, traceparent }: Pick<Application, 'name' | 'assignment' | 'traceparent'>,
  detail: EventDetail,
  { reporter, now }: Pick<Context, 'reporter' | 'now'>,
): void {
  reporter.event({ at: now(), application: name, release, traceparent, detail });
}
