import type { Logger } from 'pino';
import { backoff } from '../../core/backoff.ts';
import type { Digest } from '../../core/canonical.ts';
import { FairwayError, messageOf } from '../../core/errors.ts';
import type { Application } from './application.ts';
import type { InventoryStore } from './inventory-store.ts';
import type { BundleSource } from './ports.ts';
import type { Timers } from './timers.ts';

/** Brings the bundles of assignments in. Waiting for one occupies no worker, and what runs is kept meanwhile (L4). */
export interface Fetching {
  begin(app: Application): void;
}

export function createFetching(options: {
  readonly bundles: BundleSource;
  readonly inventories: Pick<InventoryStore, 'load'>;
  readonly now: () => number;
  readonly random: () => number;
  readonly timers: Timers;
  readonly onChange: (app: Application) => void;
  readonly onArrived: (app: Application) => void;
  readonly log: Logger;
}): Fetching {
  const { bundles, inventories, now, random, timers, onChange, onArrived, log } = options;

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
      app.bundleMissingSince = null;
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

  /** After a restart: what ran before is kept in force until the newer bundle is there, and can be applied. */
  const recall = async (app: Application): Promise<void> => {
    const { assignment, cancel } = app;
    const { running, settled } = await inventories.load(app.name);
    if (!settled || running === null || running.bundle === assignment.bundle) return;
    const bundle = await bundles.get(running.bundle, cancel.signal);
    if (cancel.signal.aborted) return;
    const { release, bundle: digest } = running;
    const before = { ...assignment, release, bundle: digest as Digest, pruneApproved: false };
    app.lastGood ??= { assignment: before, bundle };
    app.active ??= app.lastGood;
    onArrived(app);
  };

  return {
    begin: (app) => {
      const reason = `bundle ${app.assignment.bundle} is on its way`;
      const since = now();
      app.state = { state: 'fetching', wait: { reason, since, deadline: null } };
      app.bundleMissingSince ??= since;
      onChange(app);
      void fetch(app, 0);
      if (app.active !== null) return;
      recall(app).catch((error: unknown) => {
        if (!app.cancel.signal.aborted)
          log.info({ application: app.name, err: error }, 'what ran before cannot be kept in force');
      });
    },
  };
}

function remedyOf(error: unknown): string {
  return error instanceof FairwayError && error.remedy !== undefined ? ` ${error.remedy}` : '';
}
