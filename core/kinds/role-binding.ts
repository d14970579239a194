import { type Static, Type } from 'typebox';
import { roles } from '../access.ts';
import { NameGlob, Subject } from './scalars.ts';

/** Gives a role to people, groups or tokens, within tenants and environments (T5). */
export const RoleBindingSpec = Type.Object(
  {
    role: Type.Enum([...roles]),
    subjects: Type.Array(Subject, { minItems: 1 }),
    tenants: Type.Array(NameGlob, { default: ['*'] }),
    environments: Type.Array(NameGlob, { default: ['*'] }),
  },
  { additionalProperties: false },
);
export type RoleBindingSpec = Static<typeof RoleBindingSpec>;
