import { type Static, Type } from 'typebox';
import { Name, RelativePath, Sentence } from './scalars.ts';

/** A Git repository that holds applications. */
export const SourceSpec = Type.Object(
  {
    /** https://…, ssh://…, git@host:path, file:///… */
    url: Type.String({
      pattern: '^(https?://[^\\s@]+|(ssh|file)://\\S+|[^\\s/@:]+@[^\\s/:]+:\\S+|/\\S*)$',
      expected: 'a Git URL without a password: https://…, ssh://…, git@HOST:PATH, file:///… or an absolute path',
      concealed: true,
    }),
    branch: Type.With(Sentence, { default: 'main' }),
    /** Folders in which applications are looked for. */
    paths: Type.Array(RelativePath, { minItems: 1, default: ['.'] }),
    /** Tenants whose applications may come from here. Empty: any. */
    tenants: Type.Array(Name, { default: [] }),
    /** Name of credentials given over REST; they are never in Git. */
    credentials: Type.Optional(Name),
    signatures: Type.Enum(['required', 'optional'], { default: 'optional' }),
  },
  { additionalProperties: false },
);
export type SourceSpec = Static<typeof SourceSpec>;
