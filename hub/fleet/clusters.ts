import type { Selectable, Transaction, UpdateObject } from 'kysely';
import { type ClusterAllowance, checkAllowance, checkClusterName, checkLabels } from '../../core/cluster.ts';
import { FairwayError } from '../../core/errors.ts';
import type { Labels } from '../../core/selector.ts';
import { record } from '../audit/ledger.ts';
import { publishNews } from '../link/news-publish.ts';
import type { Schema } from '../store/schema.ts';
import { inTransaction } from '../store/transaction.ts';
import { type FleetContext, wakePlacements } from './context.ts';
import { type IssuedToken, issueToken } from './join-tokens.ts';
import { endTrust } from './trust.ts';

/** The commands on clusters. Each is one transaction with its ledger row (U1); bad input changes nothing (X4). */

export type ClusterRow = Selectable<Schema['clusters']>;

/** Who asks, and about which cluster. */
export interface ClusterCommand {
  readonly name: string;
  /** As the ledger names it: `token:ci`, `user:lead@example.com`. */
  readonly actor: string;
  /** Looks at the row once it is locked, and throws where the command was meant for another version of it. */
  readonly expect?: ((row: ClusterRow) => void) | undefined;
}

export interface RegisterCluster extends ClusterCommand {
  readonly labels?: Labels | undefined;
  /** Null: without bounds (T7). */
  readonly allow?: ClusterAllowance | null | undefined;
  /** Lets a rebuilt cluster join under its old name: what was trusted before is revoked (X2). */
  readonly replace?: boolean | undefined;
  /** Of the join token, in milliseconds; an hour where left out. */
  readonly timeToLive?: number | undefined;
}

export interface RegisteredCluster extends IssuedToken {
  readonly cluster: ClusterRow;
}

/**
 * Makes a cluster known and gives the join token of its agent. With `replace`, labels and allowance that are left
 * out stay as they were.
 * @throws FairwayError `cluster-name-invalid`, `label-invalid`, `allow-invalid`, `time-to-live-invalid`, `cluster-exists`.
 */
export async function registerCluster(context: FleetContext, command: RegisterCluster): Promise<RegisteredCluster> {
  const { name, labels, allow, actor, replace = false, timeToLive } = command;
  checkClusterName(name);
  checkLabels(labels ?? {});
  checkAllowance(allow ?? null);
  const registered = await inTransaction(context.db, async (transaction) => {
    const inserted = await transaction
      .insertInto('clusters')
      .values({
        name,
        labels: JSON.stringify(labels ?? {}),
        allow: jsonOrNull(allow),
        state: 'registered',
        registered_at: new Date(context.now()),
      })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .returningAll()
      .executeTakeFirst();
    if (inserted === undefined && !replace) throw exists(name);
    const cluster = inserted ?? (await replaceCluster(transaction, context, command));
    const issued = await issueToken(transaction, context.authority, {
      cluster: name,
      actor,
      timeToLive,
      now: context.now(),
    });
    await record(transaction, [
      {
        actor,
        action: inserted === undefined ? 'cluster.replace' : 'cluster.register',
        subject: `cluster/${name}`,
        cluster: name,
        detail: { labels: cluster.labels, allow: cluster.allow, tokenExpiresAt: issued.expiresAt.toISOString() },
      },
    ]);
    return { cluster, ...issued };
  });
  await wakePlacements(context);
  return registered;
}

/** What the hub believed of the cluster that stood there before is forgotten: the new one is empty (X2). */
async function replaceCluster(
  transaction: Transaction<Schema>,
  context: FleetContext,
  { name, labels, allow }: RegisterCluster,
): Promise<ClusterRow> {
  await endTrust(transaction, name, context.now());
  await transaction
    .updateTable('placements')
    .set({
      reported: null,
      reported_digest: null,
      reported_at: null,
      health: null,
      phase: null,
      running_release: null,
      running_bundle: null,
    })
    .where('cluster', '=', name)
    .execute();
  return transaction
    .updateTable('clusters')
    .set({
      state: 'registered',
      joined_at: null,
      ...(labels === undefined ? {} : { labels: JSON.stringify(labels) }),
      ...(allow === undefined ? {} : { allow: jsonOrNull(allow) }),
    })
    .where('name', '=', name)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/**
 * A fresh join token for a cluster that has not joined yet; the one before no longer counts (T1).
 * @throws FairwayError `cluster-not-found`, `cluster-joined`, `cluster-revoked`, `time-to-live-invalid`.
 */
export function issueJoinToken(
  context: FleetContext,
  { name, actor, expect, timeToLive }: ClusterCommand & { readonly timeToLive?: number | undefined },
): Promise<IssuedToken> {
  return inTransaction(context.db, async (transaction) => {
    const { state } = await lockCluster(transaction, name, expect);
    if (state !== 'registered') {
      throw new FairwayError(`cluster-${state}`, `The cluster ${name} is ${state}; it needs no token to stay.`, {
        field: 'name',
        remedy: `To let a rebuilt cluster join under this name, run \`fairway cluster register ${name} --replace\`.`,
      });
    }
    const issued = await issueToken(transaction, context.authority, {
      cluster: name,
      actor,
      timeToLive,
      now: context.now(),
    });
    const detail = { tokenExpiresAt: issued.expiresAt.toISOString() };
    await record(transaction, [{ actor, action: 'cluster.token', subject: `cluster/${name}`, cluster: name, detail }]);
    return issued;
  });
}

/**
 * Changes labels as a merge patch: a text sets, null removes, what is not named stays.
 * @throws FairwayError `cluster-not-found`, `label-invalid`.
 */
export async function relabelCluster(
  context: FleetContext,
  { name, labels, actor, expect }: ClusterCommand & { readonly labels: Readonly<Record<string, string | null>> },
): Promise<ClusterRow> {
  const set = Object.fromEntries(
    Object.entries(labels).filter((entry): entry is [string, string] => entry[1] !== null),
  );
  checkLabels(set);
  const row = await inTransaction(context.db, async (transaction) => {
    const before = await lockCluster(transaction, name, expect);
    const after = Object.fromEntries(
      Object.entries({ ...before.labels, ...set }).filter(([key]) => labels[key] !== null),
    );
    return change(
      transaction,
      actor,
      'cluster.relabel',
      before,
      { labels: JSON.stringify(after) },
      {
        before: before.labels,
        after,
      },
    );
  });
  await wakePlacements(context);
  return row;
}

/**
 * Sets what a cluster may receive; null: without bounds (T7).
 * @throws FairwayError `cluster-not-found`, `allow-invalid`.
 */
export async function allowCluster(
  context: FleetContext,
  { name, allow, actor, expect }: ClusterCommand & { readonly allow: ClusterAllowance | null },
): Promise<ClusterRow> {
  checkAllowance(allow);
  const row = await inTransaction(context.db, async (transaction) => {
    const before = await lockCluster(transaction, name, expect);
    const detail = { before: before.allow, after: allow };
    await publishNews(transaction, { type: 'desired', clusters: [name] });
    return change(transaction, actor, 'cluster.allow', before, { allow: jsonOrNull(allow) }, detail);
  });
  await wakePlacements(context);
  return row;
}

/** Nothing new is assigned to a cordoned cluster; it keeps what it runs. @throws FairwayError `cluster-not-found`. */
export async function cordonCluster(
  context: FleetContext,
  { name, reason, actor, expect }: ClusterCommand & { readonly reason: string | null },
): Promise<ClusterRow> {
  const row = await inTransaction(context.db, async (transaction) => {
    const before = await lockCluster(transaction, name, expect);
    const cordoned = { cordoned_at: before.cordoned_at ?? new Date(context.now()), cordoned_reason: reason };
    return change(transaction, actor, 'cluster.cordon', before, cordoned, { reason });
  });
  await wakePlacements(context);
  return row;
}

/** @throws FairwayError `cluster-not-found`. */
export async function uncordonCluster(
  context: FleetContext,
  { name, actor, expect }: ClusterCommand,
): Promise<ClusterRow> {
  const row = await inTransaction(context.db, async (transaction) => {
    const before = await lockCluster(transaction, name, expect);
    return change(transaction, actor, 'cluster.uncordon', before, { cordoned_at: null, cordoned_reason: null }, {});
  });
  await wakePlacements(context);
  return row;
}

/**
 * Ends a cluster's trust at once: its certificates and tokens no longer count, its stream is closed within a second
 * on every replica (T3). What runs in it goes on (L4).
 * @throws FairwayError `cluster-not-found`.
 */
export async function revokeCluster(
  context: FleetContext,
  { name, reason, actor, expect }: ClusterCommand & { readonly reason: string | null },
): Promise<ClusterRow> {
  const row = await inTransaction(context.db, async (transaction) => {
    const before = await lockCluster(transaction, name, expect);
    await endTrust(transaction, name, context.now());
    return change(transaction, actor, 'cluster.revoke', before, { state: 'revoked' }, { reason });
  });
  await wakePlacements(context);
  return row;
}

/** Revokes a cluster and forgets it; nothing in it is touched (G9). @throws FairwayError `cluster-not-found`. */
export async function removeCluster(context: FleetContext, { name, actor, expect }: ClusterCommand): Promise<void> {
  await inTransaction(context.db, async (transaction) => {
    const { labels, state } = await lockCluster(transaction, name, expect);
    await endTrust(transaction, name, context.now());
    await transaction
      .updateTable('drifts')
      .set({ state: 'gone', ended_at: new Date(context.now()) })
      .where('cluster', '=', name)
      .where('state', '=', 'open')
      .execute();
    await transaction.deleteFrom('clusters').where('name', '=', name).execute();
    const detail = { labels, state };
    await record(transaction, [{ actor, action: 'cluster.remove', subject: `cluster/${name}`, cluster: name, detail }]);
  });
  await wakePlacements(context);
}

async function change(
  transaction: Transaction<Schema>,
  actor: string,
  action: string,
  { name }: ClusterRow,
  set: UpdateObject<Schema, 'clusters'>,
  detail: Readonly<Record<string, unknown>>,
): Promise<ClusterRow> {
  const row = await transaction
    .updateTable('clusters')
    .set(set)
    .where('name', '=', name)
    .returningAll()
    .executeTakeFirstOrThrow();
  await record(transaction, [{ actor, action, subject: `cluster/${name}`, cluster: name, detail }]);
  return row;
}

async function lockCluster(
  transaction: Transaction<Schema>,
  name: string,
  expect: ClusterCommand['expect'],
): Promise<ClusterRow> {
  const row = await transaction
    .selectFrom('clusters')
    .selectAll()
    .where('name', '=', name)
    .forUpdate()
    .executeTakeFirst();
  if (row !== undefined) {
    expect?.(row);
    return row;
  }
  throw new FairwayError('cluster-not-found', `There is no cluster ${JSON.stringify(name)}.`, {
    field: 'name',
    remedy: 'List them with `fairway cluster list`.',
  });
}

function jsonOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}

function exists(name: string): FairwayError {
  return new FairwayError('cluster-exists', `There is already a cluster ${name}.`, {
    field: 'name',
    remedy: `If it was rebuilt, register it again with --replace: its old agent is then shut out.`,
  });
}
