import { Type } from 'typebox';
import { Name } from './common.ts';

/** Which source a hook is about, where its message does not say. */
export const HookQuery = Type.Object({ source: Type.Optional(Name) }, { additionalProperties: false });

export const HookAnswer = Type.Object(
  { sources: Type.Array(Type.String(), { description: 'those that are looked at now' }) },
  { title: 'HookAnswer' },
);
