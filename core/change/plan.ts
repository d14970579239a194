import { canonicalJson, type Digest, digestOf } from '../canonical.ts';
import type { Problem } from '../errors.ts';
import { type ObjectRef, refKey } from '../objects/object.ts';
import type { MoveKind } from '../promotion/types.ts';
import type { Change } from './change.ts';

/** What a plan is about. */
export interface PlanSubject {
  readonly environment: string;
  readonly application: string;
  readonly kind: MoveKind;
  /** What the environment is to run; null: the application is taken away. */
  readonly release: string | null;
  /** What is settled there, and so in force; null: nothing is. */
  readonly previous: string | null;
}

/** What a promotion will do to an environment's clusters: what people are shown, and approve. */
export interface PlanContent extends PlanSubject {
  /** Each change once, however many clusters it happens on. */
  readonly changes: readonly PlannedChange[];
  /** Clusters that go from one bundle to the same other one. */
  readonly groups: readonly PlanGroup[];
  /** Clusters on which nothing changes, by name. */
  readonly unchanged: readonly string[];
  /** Objects that leave the bundle on some cluster and are pruned there: an approval of the plan is a word for it (A6). */
  readonly deletes: readonly ObjectRef[];
  /** Clusters that the release cannot be rendered for; they keep what they run (G6). */
  readonly failures: readonly PlanFailure[];
}

interface PlannedChange {
  readonly change: Change;
  /** Positions in `groups`. */
  readonly groups: readonly number[];
}

interface PlanGroup {
  /** Null: the application is not there. */
  readonly before: Digest | null;
  readonly after: Digest | null;
  /** By name. */
  readonly clusters: readonly string[];
}

interface PlanFailure {
  readonly clusters: readonly string[];
  readonly problem: Problem;
}

export interface Plan {
  /** What an approval is bound to (P2). */
  readonly digest: Digest;
  readonly content: PlanContent;
}

/** Clusters that go from one bundle to the same other one, and what that does. */
export interface GroupChanges extends PlanGroup {
  readonly changes: readonly Change[];
}

/** Each cluster of the environment, in one of three places. */
export interface PlannedClusters {
  readonly groups: readonly GroupChanges[];
  readonly unchanged: readonly string[];
  readonly failures: readonly PlanFailure[];
}

/**
 * Puts a plan together. Its digest names the release, the environment's rules and the set of changes, and nothing of
 * the clusters: one that joins alters it only by a change that the set lacks (P2).
 * @param rules of the environment: everything that it says but which clusters are its members
 */
export function assemblePlan(
  subject: PlanSubject,
  rules: unknown,
  { groups, unchanged, failures }: PlannedClusters,
): Plan {
  const planned = new Map<Digest, { change: Change; groups: number[] }>();
  for (const [position, { changes }] of groups.entries()) {
    for (const change of changes) {
      const known = planned.get(change.id);
      if (known === undefined) planned.set(change.id, { change, groups: [position] });
      else known.groups.push(position);
    }
  }
  const { environment, application, kind, release } = subject;
  const named = { environment, application, kind, release, rules, changes: [...planned.keys()].sort() };
  const changes = [...planned.values()];
  return {
    digest: digestOf(canonicalJson(named)),
    content: {
      ...subject,
      changes,
      groups: groups.map(({ before, after, clusters }) => ({ before, after, clusters })),
      unchanged,
      deletes: deletesOf(changes),
      failures,
    },
  };
}

function deletesOf(changes: readonly PlannedChange[]): readonly ObjectRef[] {
  const refs = new Map<string, ObjectRef>();
  for (const { change } of changes) if (change.action === 'delete') refs.set(refKey(change.object), change.object);
  return [...refs.values()];
}
