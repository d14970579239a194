import { type Kysely, sql } from 'kysely';
import type { MemberState } from '../../../core/rollout/types.ts';
import type { MemberCounts } from '../../../proto/rest/rollouts.ts';
import type { Schema } from '../../store/schema.ts';

export interface CountedMembers {
  readonly all: MemberCounts;
  /** By the wave's position, from 0. */
  readonly waves: ReadonlyMap<number, MemberCounts>;
}

export const noMembers: MemberCounts = {
  ...{ total: 0, pending: 0, due: 0, updating: 0, healthy: 0, ill: 0 },
  ...{ failed: 0, skipped: 0, left: 0, returning: 0, returned: 0 },
};

/** How the clusters of some rollouts stand, by rollout. */
export async function countMembers(
  db: Kysely<Schema>,
  rollouts: readonly number[],
): Promise<ReadonlyMap<number, CountedMembers>> {
  if (rollouts.length === 0) return new Map();
  const rows = await db
    .selectFrom('rollout_clusters')
    .select(['rollout', 'wave', 'state', sql<number>`count(*)::int`.as('count')])
    .where('rollout', 'in', rollouts)
    .groupBy(['rollout', 'wave', 'state'])
    .execute();
  return new Map(
    [...Map.groupBy(rows, ({ rollout }) => rollout)].map(([rollout, own]) => [
      rollout,
      {
        all: sum(own),
        waves: new Map([...Map.groupBy(own, ({ wave }) => wave)].map(([wave, of]) => [wave, sum(of)])),
      },
    ]),
  );
}

function sum(rows: readonly { readonly state: MemberState; readonly count: number }[]): MemberCounts {
  const counts = { ...noMembers };
  for (const { state, count } of rows) {
    counts[state] += count;
    counts.total += count;
  }
  return counts;
}
