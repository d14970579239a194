import { type Static, Type } from 'typebox';
import { HealthCounts } from './clusters.ts';
import { Hold } from './holds.ts';
import { Placement } from './placements.ts';
import { DeclarationProblem } from './problems.ts';
import { Promotion } from './promotions.ts';
import { Rollout } from './rollouts.ts';
import { Source } from './sources.ts';

/** The fleet at a glance. Lists hold at most 20; the counts are whole. */
export const Status = Type.Object(
  {
    clusters: Type.Object({
      total: Type.Integer(),
      connected: Type.Integer(),
      disconnected: Type.Integer(),
      waitingToJoin: Type.Integer(),
      revoked: Type.Integer(),
      cordoned: Type.Integer(),
    }),
    placements: HealthCounts,
    environments: Type.Array(
      Type.Object({ name: Type.String(), placements: HealthCounts, moving: Type.Integer(), drifts: Type.Integer() }),
    ),
    applications: Type.Array(
      Type.Object({ name: Type.String(), placements: HealthCounts, moving: Type.Integer(), drifts: Type.Integer() }),
    ),
    moving: Type.Object({ total: Type.Integer(), items: Type.Array(Placement) }),
    waiting: Type.Object(
      { total: Type.Integer(), items: Type.Array(Placement) },
      { description: 'placements that run what they are to run, and wait for something all the same' },
    ),
    promotions: Type.Object(
      { total: Type.Integer(), items: Type.Array(Promotion) },
      { description: 'those that wait at a gate, the longest first' },
    ),
    rollouts: Type.Object(
      { total: Type.Integer(), items: Type.Array(Rollout) },
      { description: 'those that have not ended' },
    ),
    holds: Type.Object(
      { total: Type.Integer(), items: Type.Array(Hold) },
      { description: 'pins that automation leaves alone' },
    ),
    leaving: Type.Integer(),
    drifts: Type.Integer(),
    problems: Type.Object({ errors: Type.Integer(), warnings: Type.Integer(), items: Type.Array(DeclarationProblem) }),
    notifications: Type.Object(
      { waiting: Type.Integer(), dead: Type.Integer() },
      { description: 'deliveries that are on their way, and those that are given up' },
    ),
    sources: Type.Object({ total: Type.Integer(), unreachable: Type.Array(Source), rewritten: Type.Array(Source) }),
  },
  { title: 'Status' },
);
export type Status = Static<typeof Status>;
