import { backoff } from '../../core/backoff.ts';
import { FairwayError, messageOf } from '../../core/errors.ts';
import type { Application } from './application.ts';
import type { BundleSource } from './ports.ts';
import type { Timers } from './timers.ts';

/** Brings the bundles of assignments in. Waiting for one occupies no worker, and what runs is kept meanwhile (L4). */
export interface Fetching {
  begin(app: Application): void;
}

export function createFetching(options: {
  readonly bundles: BundleSource;
  readonly now: () => number;
  readonly random: () => number;
  readonly timers: Timers;
  readonly onChange: (app: Application) => void;
  readonly onArrived: (app: Application) => void;
}): Fetching {
  const { bundles, now, random, timers, onChange, onArrived } = options;

  const fetch = async (app: Application, attempt: number): Promise<void> => {
    const { assignment, cancel } = app;
    try {
      const bundle = await bundles.get(assignment.bundle, cancel.signal);
      if (cancel.signal.aborted) return;
      if (bundle.application !== app.name)
        throw new FairwayError(
          'bundle-mismatch',
          `${assignment.bundle} is a bundle of ${bundle.application}, not of ${app.name}`,
        );
      app.active = { assignment, bundle };
      app.run = null;
      app.state = { state: 'pending' };
      onArrived(app);
    } catch (error) {
      if (cancel.signal.aborted) return;
      const retryIn = 500 + backoff(attempt, random(), { first: 1_000, ceiling: 60_000 });
      const code = error instanceof FairwayError ? error.code : 'bundle-unavailable';
      const message = `its bundle cannot be had: ${messageOf(error)}${remedyOf(error)}`;
      const wait = { reason: 'another try to get its bundle', since: now(), deadline: now() + retryIn };
      app.state = { state: 'failed', code, message, problems: [], wait };
      onChange(app);
      const drop = timers.after(retryIn, () => void fetch(app, attempt + 1));
      cancel.signal.addEventListener('abort', drop, { once: true });
    }
  };

  return {
    begin: (app) => {
      const reason = `bundle ${app.assignment.bundle} is on its way`;
      app.state = { state: 'fetching', wait: { reason, since: now(), deadline: null } };
      onChange(app);
      void fetch(app, 0);
    },
  };
}

function remedyOf(error: unknown): string {
  return error instanceof FairwayError && error.remedy !== undefined ? ` ${error.remedy}` : '';
}
