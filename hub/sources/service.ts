import type { Kysely, Selectable } from 'kysely';
import type { Logger } from 'pino';
import { canonicalJson } from '../../core/canonical.ts';
import { FairwayError, messageOf } from '../../core/errors.ts';
import { fleetApplications } from '../../core/kinds/kinds.ts';
import { record } from '../audit/ledger.ts';
import type { Loop, Loops } from '../queue/loops.ts';
import type { DataKey } from '../store/data-key.ts';
import type { Schema } from '../store/schema.ts';
import { inTransaction } from '../store/transaction.ts';
import { credentialsOf, remoteCredentials } from './credentials.ts';
import { type FollowedSource, fleetSource, followedSource } from './decide-sources.ts';
import { readAddress, withoutSecrets } from './git/address.ts';
import { branchRef } from './git/branch.ts';
import { sourceLoop } from './loop.ts';
import type { Mirror, Mirrors } from './mirror.ts';
import { createPoller, type PollTarget } from './poll.ts';

export interface SourcesOptions {
  readonly db: Kysely<Schema>;
  readonly dataKey: DataKey;
  readonly mirrors: Mirrors;
  readonly loops: Loops;
  readonly log: Logger;
  readonly fleet: { readonly url: string; readonly branch: string; readonly pinsBranch: string };
  /** Milliseconds between two looks at a remote. @default 5000 */
  readonly pollInterval?: number;
  /** As of the mirrors. */
  readonly allowPlainHttp?: boolean;
  readonly now?: () => number;
}

export interface Sources {
  /** To be defined in the loops before they start. */
  readonly loop: Loop;
  /** @throws FairwayError `source-not-found`, `source-url-invalid` */
  mirrorOf(source: string): Promise<Mirror>;
  /** Asks for a look at a source. */
  wake(source: string): Promise<void>;
  /** Writes the fleet's own source down and begins to poll. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A path is looked at by reading a file. */
const pathInterval = 500;
/** Sources that another replica took, and new credentials, are seen after this, in milliseconds. */
const refreshInterval = 30_000;

/** Sources as the rest of the hub uses them. @throws FairwayError `source-url-invalid`, `branch-invalid` of the fleet */
export function createSources(options: SourcesOptions): Sources {
  const { db, dataKey, mirrors, loops, log, fleet, pollInterval = 5000, allowPlainHttp = false } = options;
  const { now = Date.now } = options;
  readAddress(fleet.url, allowPlainHttp);
  branchRef(fleet.branch);
  branchRef(fleet.pinsBranch);

  const wake = (source: string) => loops.wake('source', source);
  const poller = createPoller({ onNews: wake, log, random: Math.random });
  let refreshing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const openMirror = async (row: SourceRow): Promise<Mirror> => {
    const { url, credentials } = followedSource(row.origin, row.spec);
    const stored = credentials === null ? null : await credentialsOf(db, dataKey, credentials);
    return mirrors.of({
      name: row.name,
      // The configured URL may hold a password, which stands in no table.
      url: row.origin === 'fleet' ? fleet.url : url,
      credentials: remoteCredentials(stored),
    });
  };

  const mirrorOf = async (source: string): Promise<Mirror> => {
    const row = await db.selectFrom('sources').selectAll().where('name', '=', source).executeTakeFirst();
    if (row === undefined) throw new FairwayError('source-not-found', `There is no source ${JSON.stringify(source)}.`);
    return openMirror(row);
  };

  const targetOf = async (row: SourceRow): Promise<PollTarget | null> => {
    const { url, branch, pinsBranch } = followedSource(row.origin, row.spec);
    try {
      const { address } = readAddress(url, allowPlainHttp);
      return {
        name: row.name,
        mirror: await openMirror(row),
        branches: [...new Set([branch, ...(pinsBranch === null ? [] : [pinsBranch])])],
        interval: address.transport === 'path' ? Math.min(pathInterval, pollInterval) : pollInterval,
      };
    } catch (thrown) {
      // The loop finds the same and writes it down.
      log.warn({ source: row.name, error: messageOf(thrown) }, 'a source cannot be polled');
      return null;
    }
  };

  const refresh = () => {
    refreshing = refreshing.then(async () => {
      const rows = await db.selectFrom('sources').selectAll().where('removed_at', 'is', null).execute();
      const targets = await Promise.all(rows.map(targetOf));
      poller.follow(targets.filter((target) => target !== null));
    });
    refreshing = refreshing.catch((thrown) => log.warn({ error: messageOf(thrown) }, 'the sources cannot be listed'));
  };

  return {
    loop: sourceLoop({ db, loops, mirrorOf, allowPlainHttp, now, onSourcesChanged: refresh }),
    mirrorOf,
    wake,
    async start() {
      const { branch, pinsBranch } = fleet;
      const url = withoutSecrets(fleet.url);
      const spec = { url, branch, paths: [...fleetApplications], tenants: [], credentials: fleetSource, pinsBranch };
      await configureFleet(db, spec);
      refresh();
      await refreshing;
      timer = setInterval(refresh, refreshInterval);
    },
    async stop() {
      clearInterval(timer);
      await refreshing;
      await poller.stop();
    },
  };
}

type SourceRow = Selectable<Schema['sources']>;

async function configureFleet(db: Kysely<Schema>, spec: FollowedSource): Promise<void> {
  await inTransaction(db, async (transaction) => {
    const row = await transaction
      .selectFrom('sources')
      .select('spec')
      .where('name', '=', fleetSource)
      .executeTakeFirst();
    if (canonicalJson(row?.spec ?? null) === canonicalJson(spec)) return;
    const values = { origin: 'fleet' as const, spec: JSON.stringify(spec), removed_at: null };
    await transaction
      .insertInto('sources')
      .values({ name: fleetSource, ...values })
      .onConflict((conflict) => conflict.column('name').doUpdateSet(values))
      .execute();
    const { url, branch, pinsBranch } = spec;
    await record(transaction, [
      {
        actor: 'hub',
        action: 'source.configure',
        subject: `source/${fleetSource}`,
        detail: { url, branch, pinsBranch },
      },
    ]);
  });
}
