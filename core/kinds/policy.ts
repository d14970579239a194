import { type Static, Type } from 'typebox';
import { CelCondition } from './expressions.ts';
import { KindGlob, Name, NameGlob, RoleSubject, Sentence } from './scalars.ts';

const closed = { additionalProperties: false } as const;
const named = { name: Name, message: Type.Optional(Sentence) };

/** A CEL expression over `object`, and what follows where it is true. */
const Rule = Type.Union(
  [
    Type.Object({ ...named, deny: CelCondition }, closed),
    Type.Object({ ...named, warn: CelCondition }, closed),
    /** Without `when`, every object that matches. */
    Type.Object({ ...named, requireApproval: RoleSubject, when: Type.Optional(CelCondition) }, closed),
  ],
  { expected: '{name, message} with one of deny, warn (CEL expressions) or requireApproval (role:NAME)' },
);

const Match = Type.Object(
  {
    kinds: Type.Array(KindGlob, { default: ['*/*'] }),
    environments: Type.Array(NameGlob, { default: ['*'] }),
    tenants: Type.Array(NameGlob, { default: ['*'] }),
  },
  { ...closed, default: {} },
);

/** What a release may contain, by environment. */
export const PolicySpec = Type.Object({ match: Match, rules: Type.Array(Rule, { minItems: 1 }) }, closed);
export type PolicySpec = Static<typeof PolicySpec>;
