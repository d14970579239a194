import { type Static, Type } from 'typebox';
import { KindGlob, NameGlob } from './scalars.ts';

const Kinds = Type.Object(
  { allow: Type.Array(KindGlob, { default: ['*/*'] }), deny: Type.Array(KindGlob, { default: [] }) },
  { additionalProperties: false, default: {} },
);

/** What a team's applications may touch (A10). */
export const TenantSpec = Type.Object(
  {
    namespaces: Type.Array(NameGlob, { minItems: 1 }),
    kinds: Kinds,
    environments: Type.Array(NameGlob, { default: ['*'] }),
    /** `namespace/name` that the agent impersonates; left out: the agent acts as itself. */
    serviceAccount: Type.Optional(
      Type.String({
        pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?/[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
        expected: 'NAMESPACE/NAME of a service account',
      }),
    ),
  },
  { additionalProperties: false },
);
export type TenantSpec = Static<typeof TenantSpec>;
