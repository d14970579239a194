import { type Kysely, type Selectable, type SqlBool, sql } from 'kysely';
import type { SourceSpec } from '../../../core/kinds/source.ts';
import type { Source } from '../../../proto/rest/sources.ts';
import type { Condition, Visibility } from '../../access/visibility.ts';
import { withoutSecrets } from '../../sources/git/address.ts';
import { remedyOf } from '../../sources/git/failure.ts';
import type { Schema } from '../../store/schema.ts';
import type { Slice } from '../pager.ts';
import { timeText, timeTextOrNull } from '../times.ts';

/** Sources by name. */
export async function listSources(
  db: Kysely<Schema>,
  visibility: Visibility,
  { after, limit }: Slice,
): Promise<Source[]> {
  let rows = selectSources(db, visibility).orderBy('sources.name').limit(limit);
  if (after !== null) rows = rows.where('sources.name', '>', String(after[0]));
  return (await rows.execute()).map(describe);
}

/** Null where there is none that the caller may see. */
export async function findSource(db: Kysely<Schema>, visibility: Visibility, name: string): Promise<Source | null> {
  const row = await selectSources(db, visibility).where('sources.name', '=', name).executeTakeFirst();
  return row === undefined ? null : describe(row);
}

/** A source that names tenants is for them; the fleet repository, and one that names none, are seen without bounds only. */
function sourceVisible({ tenants }: Visibility): Condition {
  if (tenants === null) return sql<SqlBool>`true`;
  return sql<SqlBool>`coalesce(jsonb_exists_any(sources.spec -> 'tenants', ${tenants}::text[]), false)`;
}

function selectSources(db: Kysely<Schema>, visibility: Visibility) {
  return db
    .selectFrom('sources')
    .selectAll()
    .select(
      sql<boolean>`exists (select from source_credentials c
        where c.source = sources.spec ->> 'credentials')`.as('has_credentials'),
    )
    .where(sourceVisible(visibility));
}

type Row = Selectable<Schema['sources']> & { readonly has_credentials: boolean };

function describe(row: Row): Source {
  const spec = row.spec as Partial<SourceSpec>;
  const error = errorOf(row, spec);
  return {
    name: row.name,
    origin: row.origin,
    url: withoutSecrets(spec.url ?? ''),
    branch: spec.branch ?? null,
    paths: [...(spec.paths ?? [])],
    tenants: [...(spec.tenants ?? [])],
    head:
      row.head === null
        ? null
        : {
            commit: row.head,
            author: row.head_author,
            message: row.head_message,
            committedAt: timeTextOrNull(row.head_committed_at),
            seenAt: timeTextOrNull(row.head_seen_at),
          },
    rewrittenHead: row.rewritten_head,
    checkedAt: timeTextOrNull(row.checked_at),
    error,
    hasCredentials: row.has_credentials,
    removedAt: timeTextOrNull(row.removed_at),
    wait: error === null ? null : { reason: error.message, since: error.since, deadline: null },
  };
}

function errorOf(row: Row, { credentials }: Partial<SourceSpec>): Source['error'] {
  const { name, error_code: code, error_message: message, error_since: since } = row;
  if (code === null || since === null) return null;
  const isLockedOut = code === 'git-refused' && !row.has_credentials;
  const remedy = isLockedOut
    ? `check the URL, or give it credentials: fairway source credentials ${credentials ?? name} --help`
    : remedyOf(code);
  return { code, message: message ?? code, remedy, since: timeText(since) };
}

/** The name of the credentials that a source uses; where it names none, or there is none such, that name itself. */
export async function credentialsNameOf(db: Kysely<Schema>, source: string): Promise<string> {
  const row = await db.selectFrom('sources').select('spec').where('name', '=', source).executeTakeFirst();
  return (row?.spec as Partial<SourceSpec> | undefined)?.credentials ?? source;
}

/** The sources that use these credentials. */
export async function usersOfCredentials(db: Kysely<Schema>, name: string): Promise<string[]> {
  const rows = await db
    .selectFrom('sources')
    .select('name')
    .where(sql<boolean>`spec ->> 'credentials' = ${name}`)
    .where('removed_at', 'is', null)
    .orderBy('name')
    .execute();
  return rows.map((row) => row.name);
}
