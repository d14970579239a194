import type { Kysely, Transaction } from 'kysely';
import { FairwayError } from '../../core/errors.ts';
import { describeRef, type ObjectRef } from '../../core/objects/object.ts';
import { record } from '../audit/ledger.ts';
import { publishNews } from '../link/news-publish.ts';
import type { Schema } from '../store/schema.ts';
import { inTransaction } from '../store/transaction.ts';

/** What a release may delete, in one environment, for a person said so (A6). */
export interface PruneApproval {
  readonly environment: string;
  readonly application: string;
  readonly release: string;
  readonly approvedBy: string;
  /** The promotion whose approved plan listed the deletions; null: none. */
  readonly promotion: string | null;
  /** The clusters of the environment that are to run the release: the word holds for each of them. */
  readonly clusters: readonly string[];
}

export interface ApprovePrune {
  /** A cluster on which the deletion waits. */
  readonly cluster: string;
  readonly application: string;
  /** What the placement is to run, as the caller has seen it. */
  readonly release: string;
  readonly actor: string;
}

/**
 * A person's word that a release may delete what it no longer has. It holds once: for that release, in the
 * environment of the cluster (A6). Saying it twice is saying it once.
 * @throws FairwayError `placement-not-found`, `release-moved`, `prune-not-held`
 */
export async function approvePrune(
  db: Kysely<Schema>,
  { cluster, application, release, actor }: ApprovePrune,
): Promise<PruneApproval> {
  return inTransaction(db, async (transaction) => {
    const placement = await transaction
      .selectFrom('placements')
      .select(['environment', 'release', 'reported'])
      .where('cluster', '=', cluster)
      .where('application', '=', application)
      .forUpdate()
      .executeTakeFirst();
    if (placement === undefined) {
      throw new FairwayError('placement-not-found', `Application ${application} is not placed on cluster ${cluster}.`, {
        remedy: `see what is with \`fairway cluster show ${cluster}\``,
      });
    }
    const { environment, reported } = placement;
    if (placement.release !== release) {
      throw new FairwayError('release-moved', `${application} is to run ${placement.release} there, not ${release}.`, {
        field: 'release',
        remedy: 'look at what that one would delete, and approve it by its name',
      });
    }
    const held = (reported?.problems ?? []).filter(({ code }) => code === 'prune-held').map(({ object }) => object);
    const word = { environment, application, release, actor, promotion: null };
    if (held.length === 0 && !(await isApproved(transaction, word))) {
      throw new FairwayError('prune-not-held', `No deletion of ${application} waits for a person on ${cluster}.`, {
        remedy: `see what waits with \`fairway status\``,
      });
    }
    return writePruneApproval(transaction, word, { cluster, objects: held });
  });
}

/** Who lets what be deleted where. */
export interface PruneWord {
  readonly environment: string;
  readonly application: string;
  readonly release: string;
  readonly actor: string;
  readonly promotion: string | null;
}

/**
 * Writes the word down, in the transaction of what it came with: for a promotion, that of the approved plan. Its row
 * in the ledger, and the news for the clusters that it concerns, are written once (U1).
 * @param seen where the deletions were seen to wait, and of what; null: in a plan
 */
export async function writePruneApproval(
  transaction: Transaction<Schema>,
  { environment, application, release, actor, promotion }: PruneWord,
  seen: { readonly cluster: string; readonly objects: readonly ObjectRef[] } | null,
): Promise<PruneApproval> {
  const inserted = await transaction
    .insertInto('prune_approvals')
    .values({ environment, application, release, approved_by: actor, promotion })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
  const clusters = await clustersOf(transaction, { environment, application, release });
  if (inserted !== undefined) {
    await record(transaction, [
      {
        actor,
        action: 'prune.approve',
        subject: `application/${application}`,
        environment,
        application,
        release,
        ...(seen === null ? {} : { cluster: seen.cluster }),
        detail: { promotion, clusters, objects: (seen?.objects ?? []).map(describeRef) },
      },
    ]);
    await publishNews(transaction, { type: 'desired', clusters });
  }
  const row =
    inserted ??
    (await transaction
      .selectFrom('prune_approvals')
      .selectAll()
      .where('environment', '=', environment)
      .where('application', '=', application)
      .where('release', '=', release)
      .executeTakeFirstOrThrow());
  const { approved_by: approvedBy } = row;
  return { environment, application, release, approvedBy, promotion: row.promotion, clusters };
}

type Place = Pick<PruneWord, 'environment' | 'application' | 'release'>;

async function isApproved(transaction: Transaction<Schema>, { environment, application, release }: Place) {
  const row = await transaction
    .selectFrom('prune_approvals')
    .select('at')
    .where('environment', '=', environment)
    .where('application', '=', application)
    .where('release', '=', release)
    .executeTakeFirst();
  return row !== undefined;
}

async function clustersOf(transaction: Transaction<Schema>, { environment, application, release }: Place) {
  const rows = await transaction
    .selectFrom('placements')
    .select('cluster')
    .where('environment', '=', environment)
    .where('application', '=', application)
    .where('release', '=', release)
    .orderBy('cluster')
    .execute();
  return rows.map(({ cluster }) => cluster);
}
