import type { Logger } from 'pino';
import { backoff } from '../../core/backoff.ts';
import { FairwayError, messageOf } from '../../core/errors.ts';
import { renewalTime, type Validity } from '../../core/link/renewal.ts';
import type { Identities } from './identities.ts';

export interface RenewalOptions {
  readonly identities: Pick<Identities, 'renew' | 'validity'>;
  /** There is a new certificate. */
  readonly renewed: () => void;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** A timer holds no longer than some weeks, and a machine may sleep: the clock is looked at again each hour. */
const lookEvery = 60 * 60_000;
const soonest = 500;

/** Renews the agent's certificate well before it runs out, again and again (T2). */
export function startRenewal({ identities, renewed, log, now, random }: RenewalOptions): { stop(): void } {
  const stopping = new AbortController();
  let planned: { readonly of: Validity; readonly at: number } | null = null;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;

  /** When to renew; null where there is nothing to renew yet. */
  const dueAt = (): number | null => {
    const validity = identities.validity();
    if (validity === null) return null;
    if (planned?.of.to !== validity.to) {
      planned = { of: validity, at: renewalTime(validity, random()) };
      failures = 0;
    }
    return planned.at;
  };

  const renew = async ({ of }: { readonly of: Validity }) => {
    try {
      await identities.renew(stopping.signal);
      renewed();
    } catch (error) {
      if (stopping.signal.aborted) return;
      const life = of.to - of.from;
      const pause = backoff(failures++, random(), { first: Math.min(60_000, life / 60), ceiling: lookEvery });
      planned = { of, at: now() + pause };
      const code = error instanceof FairwayError ? error.code : 'internal';
      log.warn(
        { code, reason: messageOf(error), expiresAt: new Date(of.to), retryInSeconds: Math.ceil(pause / 1_000) },
        'the certificate cannot be renewed',
      );
    }
  };

  const look = async () => {
    const due = dueAt();
    if (due !== null && planned !== null && now() >= due) await renew(planned);
    if (stopping.signal.aborted) return;
    const wait = Math.max(soonest, (dueAt() ?? 0) - now());
    timer = setTimeout(() => void look(), Math.min(wait, lookEvery));
    timer.unref();
  };

  void look();
  return {
    stop() {
      stopping.abort();
      clearTimeout(timer);
    },
  };
}
