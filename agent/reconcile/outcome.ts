import { backoff } from '../../core/backoff.ts';
import { FairwayError, messageOf } from '../../core/errors.ts';
import type { LiveRecord } from '../../core/live.ts';
import { type AgentEvent, problemLimit } from '../../core/status.ts';
import { KubeError } from '../kube/port.ts';
import type { Application, ApplicationState, PassResult } from './application.ts';
import { isPassing } from './problems.ts';

/** What follows from a pass. */
export interface Aftermath {
  readonly state: ApplicationState;
  readonly failures: number;
  /** Milliseconds until the next pass though nothing happens; null: none is needed. */
  readonly nextIn: number | null;
  /** A failure that was not told yet. */
  readonly event: Omit<AgentEvent, 'sequence' | 'at'> | null;
}

const retry = { first: 1_000, ceiling: 300_000 };

/** Where a pass leaves an application, and when to look again. */
export function stateAfter(app: Application, result: PassResult, now: number, random: number): Aftermath {
  switch (result.result) {
    case 'applied':
      return {
        state: { state: 'applied', notes: result.notes, wait: null },
        failures: 0,
        nextIn: result.retryIn,
        event: null,
      };
    case 'waiting': {
      const since = sinceOf(app.state, result.reason) ?? now;
      const deadline = result.patience === null ? null : since + result.patience;
      if (deadline !== null && now >= deadline) {
        const message = `${result.reason}; it has waited since ${new Date(since).toISOString()}`;
        return failed(app, { result: 'failed', code: 'timed-out', message, problems: [], retryIn: null }, now, random);
      }
      const nextIn = Math.min(
        result.retryIn ?? Number.POSITIVE_INFINITY,
        deadline === null ? Number.POSITIVE_INFINITY : deadline - now,
      );
      return {
        state: { state: 'applying', wait: { reason: result.reason, since, deadline } },
        failures: app.failures,
        nextIn: Number.isFinite(nextIn) ? nextIn : null,
        event: null,
      };
    }
    case 'failed':
      return failed(app, result, now, random);
  }
}

/** Where whatever a pass has thrown leaves an application: what may pass by itself is waited for and is no failure. */
export function failedUnexpectedly(app: Application, error: unknown, now: number, random: number): Aftermath {
  if (isPassing(error)) {
    const nextIn = 250 + backoff(app.failures, random, { first: 1_000, ceiling: 60_000 });
    const reason = `the cluster's API does not answer: ${messageOf(error)}`;
    const wait = { reason, since: sinceOf(app.state, reason) ?? now, deadline: null };
    const state: ApplicationState =
      app.state.state === 'applied' ? { ...app.state, wait } : { state: 'applying', wait };
    return { state, failures: app.failures + 1, nextIn, event: null };
  }
  const code = error instanceof FairwayError || error instanceof KubeError ? error.code : 'internal';
  return failed(app, { result: 'failed', code, message: messageOf(error), problems: [], retryIn: null }, now, random);
}

type Failure = Extract<PassResult, { result: 'failed' }>;

function failed(
  app: Application,
  { code, message, problems, retryIn }: Failure,
  now: number,
  random: number,
): Aftermath {
  const nextIn = retryIn ?? retry.first / 2 + backoff(app.failures, random, retry);
  const { name, assignment, traceparent, state } = app;
  const isTold = state.state === 'failed' && state.code === code && state.message === message;
  return {
    state: {
      state: 'failed',
      code,
      message,
      problems,
      wait: { reason: 'another try', since: now, deadline: Math.round(now + nextIn) },
    },
    failures: app.failures + 1,
    nextIn,
    event: isTold
      ? null
      : {
          application: name,
          release: assignment.release,
          traceparent,
          detail: {
            type: 'failed',
            bundle: assignment.bundle,
            code,
            message,
            problems: problems.slice(0, problemLimit),
          },
        },
  };
}

function sinceOf(state: ApplicationState, reason: string): number | null {
  const wait = 'wait' in state ? state.wait : null;
  return wait !== null && wait.reason === reason ? wait.since : null;
}

/** True where a change may ask for something to be done; else it only shows in the status (A9). */
export function isMaterial(
  before: LiveRecord | undefined,
  after: LiveRecord | undefined,
  { state }: ApplicationState,
): boolean {
  if (state !== 'applied') return true;
  if (before === undefined || after === undefined) return true;
  return (
    before.uid !== after.uid ||
    before.owner !== after.owner ||
    before.applied !== after.applied ||
    before.keep !== after.keep ||
    before.deleting !== after.deleting ||
    before.judged !== after.judged ||
    JSON.stringify([before.differences, before.abandoned]) !== JSON.stringify([after.differences, after.abandoned])
  );
}
