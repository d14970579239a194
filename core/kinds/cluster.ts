import { type Static, Type } from 'typebox';
import { KindGlob, NameGlob } from './scalars.ts';

const Allowance = Type.Object(
  { kinds: Type.Array(KindGlob, { default: ['*/*'] }), namespaces: Type.Array(NameGlob, { default: ['*'] }) },
  { additionalProperties: false },
);

/** A cluster's labels under review (they stand in its metadata), and what it may receive. Credentials are never in Git. */
export const ClusterSpec = Type.Object(
  { allow: Type.Optional(Allowance) },
  { additionalProperties: false, default: {} },
);
export type ClusterSpec = Static<typeof ClusterSpec>;
