import { Type } from 'typebox';

/**
 * The small texts that declarations are made of. `expected` is what an error says was wanted, in the words of a
 * person; the patterns are for the parser alone.
 */

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';

/** A DNS-1123 label: what names an environment, an application, a cluster and so on. */
export const Name = Type.String({
  pattern: `^${label}$`,
  maxLength: 63,
  expected: 'a name of at most 63 lower-case letters, digits and hyphens, with a letter or digit at both ends',
});

/** A name, or a glob of one: `shop-*`, `*`. */
export const NameGlob = Type.String({
  pattern: '^[a-z0-9*]([-a-z0-9*]*[a-z0-9*])?$',
  maxLength: 63,
  expected: 'a name or a glob of one, such as "shop-*" or "*"',
});

/** `apps/Deployment`, `v1/ConfigMap` for the core group, `*` in either place. */
export const KindGlob = Type.String({
  pattern: '^[a-z0-9.*-]+/(\\*|[A-Z][A-Za-z0-9*]*)$',
  expected: 'GROUP/KIND with "v1" for the core group, such as "apps/Deployment", "v1/ConfigMap" or "apps/*"',
});

/** Durations: `90s`, `30m`, `1h30m`, `2d`. */
export const Duration = Type.String({
  pattern: '^(?!$)(\\d+d)?(\\d+h)?(\\d+m)?(\\d+s)?$',
  maxLength: 20,
  expected: 'a duration such as "90s", "30m", "1h30m" or "2d"',
});

/** A count, or a share of all: `3`, `10%`. */
export const CountOrPercent = Type.Union(
  [Type.Integer({ minimum: 0 }), Type.String({ pattern: '^(100|[1-9]?[0-9])%$' })],
  { expected: 'a whole number, or a share such as "10%"' },
);

/** `role:approver`. */
export const RoleSubject = Type.String({
  pattern: '^role:[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
  expected: 'a role written "role:NAME", such as "role:approver"',
});

/** `user:lead@example.com`, `group:storefront`, `token:ci`. */
export const Subject = Type.String({
  pattern: '^(user|group|token):\\S+$',
  expected: 'a subject written "user:NAME", "group:NAME" or "token:NAME"',
});

/** A path inside the repository or folder: no leading slash, no `..`. */
export const RelativePath = Type.String({
  pattern: '^(?!/)(?!(.*/)?\\.\\.(/|$)).+$',
  expected: 'a relative path that stays inside its folder',
});

/** A full commit id: SHA-1 or SHA-256. */
export const Revision = Type.String({
  pattern: '^([0-9a-f]{40}|[0-9a-f]{64})$',
  expected: 'a full commit id of 40 (or 64) lower-case hexadecimal digits',
});

/** A text that says something. */
export const Sentence = Type.String({ minLength: 1, expected: 'a text that is not empty' });
