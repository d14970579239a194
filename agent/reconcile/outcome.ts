import type { LiveRecord } from '../../core/apply/live.ts';
import { backoff } from '../../core/backoff.ts';
import { FairwayError, messageOf } from '../../core/errors.ts';
import { type AgentEvent, problemLimit } from '../../core/link/status.ts';
import { KubeError } from '../kube/port.ts';
import type { Application, ApplicationState, PassResult } from './application.ts';
import { isPassing } from './problems.ts';

/** What follows from a pass. */
export interface Aftermath {
  readonly state: ApplicationState;
  readonly failures: number;
  /** What it waits for, or has waited for in vain. */
  readonly waited: Application['waited'];
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
        waited: null,
        nextIn: result.retryIn,
        event: null,
      };
    case 'waiting':
      return waiting(app, result, now, random);
    case 'kept': {
      const { state, failures, waited } = app;
      const due = 'wait' in state && state.wait?.deadline != null ? Math.max(state.wait.deadline - now, 0) : null;
      return { state, failures, waited, nextIn: soonest(result.retryIn, due), event: null };
    }
    case 'failed':
      return failed(app, result, now, random);
  }
}

/** A wait that has lasted too long is a failure, and stays one until what is waited for has come. */
function waiting(
  app: Application,
  { for: what, reason, patience, retryIn }: Extract<PassResult, { result: 'waiting' }>,
  now: number,
  random: number,
): Aftermath {
  const since = app.waited?.for === what ? app.waited.since : now;
  const waited = { for: what, since };
  const deadline = patience === null ? null : since + patience;
  if (deadline !== null && now >= deadline) {
    const message = `${reason}; it has waited since ${new Date(since).toISOString()}`;
    const failure = { result: 'failed', code: 'timed-out', message, problems: [], retryIn: null } as const;
    const isTold = app.state.state === 'failed' && app.state.code === 'timed-out' && app.waited?.for === what;
    const after = failed(app, failure, now, random);
    return { ...after, waited, event: isTold ? null : after.event };
  }
  return {
    state: { state: 'applying', wait: { reason, since, deadline } },
    failures: app.failures,
    waited,
    nextIn: soonest(retryIn, deadline === null ? null : deadline - now),
    event: null,
  };
}

function soonest(...times: readonly (number | null)[]): number | null {
  const some = times.filter((time) => time !== null);
  return some.length === 0 ? null : Math.min(...some);
}

/** Where whatever a pass has thrown leaves an application: what may pass by itself is waited for and is no failure. */
export function failedUnexpectedly(app: Application, error: unknown, now: number, random: number): Aftermath {
  if (error instanceof KubeError && isPassing(error)) {
    const nextIn = 250 + backoff(app.failures, random, { first: 1_000, ceiling: 60_000 });
    const reason = `${troubleOf(error)}: ${messageOf(error)}`;
    const since = 'wait' in app.state && app.state.wait?.reason === reason ? app.state.wait.since : now;
    const wait = { reason, since, deadline: null };
    const state: ApplicationState =
      app.state.state === 'applied' ? { ...app.state, wait } : { state: 'applying', wait };
    return { state, failures: app.failures + 1, waited: app.waited, nextIn, event: null };
  }
  const code = error instanceof FairwayError || error instanceof KubeError ? error.code : 'internal';
  return failed(app, { result: 'failed', code, message: messageOf(error), problems: [], retryIn: null }, now, random);
}

/** A server that answers with an error of its own is there, and says what is wrong with it. */
function troubleOf({ status, code }: KubeError): string {
  if (code === 'throttled') return "the cluster's API asks to wait";
  return status === 0 ? "the cluster's API does not answer" : `the cluster's API answers with status ${status}`;
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
    waited: null,
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

/**
 * True where a change may ask for something to be done; else it only shows in the status (A9). What waits may wait for
 * an object to become well; what is under way looks again when it is done.
 */
export function isMaterial(
  before: LiveRecord | undefined,
  after: LiveRecord | undefined,
  state: ApplicationState,
): boolean {
  if (state.state === 'pending' || (state.state === 'applying' && state.wait === null)) return true;
  if (before === undefined || after === undefined) return true;
  if (state.state !== 'applied' && before.health.health !== after.health.health) return true;
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
