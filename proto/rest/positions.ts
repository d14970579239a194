import { type Static, Type } from 'typebox';
import { Nullable, Time, Wait } from './common.ts';

/** Where an application stands in an environment: what is settled, what the pin says, and what is on its way. */
export const Position = Type.Object(
  {
    environment: Type.String(),
    application: Type.String(),
    settled: Nullable(
      Type.Object({
        release: Type.String(),
        since: Time,
        healthySince: Nullable(
          Type.String({ format: 'date-time', description: 'null: a cluster that runs it is not well' }),
        ),
      }),
    ),
    pin: Nullable(
      Type.Object({
        revision: Type.String(),
        release: Nullable(Type.String({ description: 'null: the commit is no release yet' })),
        hold: Nullable(Type.Object({ reason: Type.String(), by: Type.String() })),
      }),
    ),
    promotions: Type.Array(
      Type.Object({
        id: Type.Integer(),
        release: Nullable(Type.String()),
        state: Type.String(),
        wait: Nullable(Type.Object({ gate: Type.String(), ...Wait.properties })),
      }),
      { description: 'that have not ended' },
    ),
    rollout: Nullable(
      Type.Object({ id: Type.Integer(), release: Type.String(), state: Type.String(), wait: Nullable(Wait) }),
    ),
  },
  { title: 'Position' },
);
export type Position = Static<typeof Position>;
