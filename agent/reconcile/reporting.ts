import { type ApplicationStatus, statusDigest } from '../../core/link/status.ts';
import type { Timers } from './timers.ts';

/** Tells statuses: the first change at once, what follows it in one report an interval, and nothing twice (L3). */
export interface Reporting {
  /**
   * Something about the application may have changed.
   * @param isTurn it has come to another state, which is told at once: that is what people wait for
   */
  touch(application: string, isTurn?: boolean): void;
  drop(application: string): void;
  /** What was last told of each application. */
  statuses(): ReadonlyMap<string, ApplicationStatus>;
  stop(): void;
}

/** A status is made of all objects: the more of them, the longer it rests, so that reporting never takes much of a core. */
const objectsPerMillisecond = 5;

/** @param statusOf null where there is no such application any more */
export function createReporting(options: {
  readonly statusOf: (application: string) => ApplicationStatus | null;
  readonly report: (status: ApplicationStatus) => void;
  readonly timers: Timers;
  /** Milliseconds between two reports of one application, at least. */
  readonly interval: number;
}): Reporting {
  const { statusOf, report, timers, interval } = options;
  const told = new Map<string, ApplicationStatus>();
  const digests = new Map<string, string>();
  /** Applications that were looked at within the interval, and whether they changed since. */
  const resting = new Map<string, { changed: boolean; readonly cancel: () => void }>();

  const tell = (application: string) => {
    const status = statusOf(application);
    if (status === null) return;
    // What made no difference was as dear to look at: that rests as well.
    const rest = Math.max(interval, status.counts.objects / objectsPerMillisecond);
    resting.set(application, { changed: false, cancel: timers.after(rest, () => wake(application)) });
    const digest = statusDigest(status);
    if (digests.get(application) === digest) return;
    digests.set(application, digest);
    told.set(application, status);
    report(status);
  };

  const wake = (application: string) => {
    const changed = resting.get(application)?.changed ?? false;
    resting.delete(application);
    if (changed) tell(application);
  };

  return {
    touch: (application, isTurn = false) => {
      const rest = resting.get(application);
      if (rest !== undefined && !isTurn) {
        rest.changed = true;
        return;
      }
      rest?.cancel();
      resting.delete(application);
      tell(application);
    },
    drop: (application) => {
      resting.get(application)?.cancel();
      resting.delete(application);
      digests.delete(application);
      told.delete(application);
    },
    statuses: () => told,
    stop: () => {
      for (const { cancel } of resting.values()) cancel();
      resting.clear();
    },
  };
}
