import { type Kysely, sql } from 'kysely';
import { isEverywhere, type Role, type Scope } from '../../../core/access.ts';
import type { Token } from '../../../proto/rest/tokens.ts';
import type { TokenRow } from '../../access/tokens.ts';
import type { Schema } from '../../store/schema.ts';
import type { Slice } from '../pager.ts';
import { timeText, timeTextOrNull } from '../times.ts';

/** Tokens by name, those that reach no further than the caller. */
export async function listTokens(db: Kysely<Schema>, scope: Scope, { after, limit }: Slice): Promise<Token[]> {
  let rows = db.selectFrom('tokens').selectAll().orderBy('name').limit(limit);
  if (after !== null) rows = rows.where('name', '>', String(after[0]));
  if (!isEverywhere(scope.environments)) rows = rows.where(sql<boolean>`environments <@ ${scope.environments}::text[]`);
  if (!isEverywhere(scope.tenants)) rows = rows.where(sql<boolean>`tenants <@ ${scope.tenants}::text[]`);
  return (await rows.execute()).map(describeToken);
}

/** A token as people see it; its secret is nowhere. */
export function describeToken(row: TokenRow): Token {
  return {
    id: row.id,
    name: row.name,
    role: row.role as Role,
    environments: row.environments,
    tenants: row.tenants,
    email: row.email,
    createdBy: row.created_by,
    createdAt: timeText(row.created_at),
    expiresAt: timeTextOrNull(row.expires_at),
    revokedAt: timeTextOrNull(row.revoked_at),
    lastUsedAt: timeTextOrNull(row.last_used_at),
  };
}
