import type { Kysely } from 'kysely';
import type { Principal, Role } from '../../core/access.ts';
import { FairwayError } from '../../core/errors.ts';
import type { Schema } from '../store/schema.ts';
import { hashTokenSecret, isTokenSecret } from './secret.ts';

export interface Authenticator {
  /**
   * Recognises a caller by the `Authorization` header. Every call reads the database, so a revoked token is refused
   * at once on every replica (T6).
   * @throws FairwayError `token-required`, `token-unknown`, `token-expired`, `token-revoked`
   */
  authenticate(authorization: string | undefined): Promise<Principal>;
  /** Writes what has been noted of tokens' use; call it every few seconds, and at the end. */
  flush(): Promise<void>;
}

/** @param now milliseconds since the epoch */
export function createAuthenticator(db: Kysely<Schema>, now: () => number = Date.now): Authenticator {
  const lastUsed = new Map<string, number>();
  return {
    async authenticate(authorization) {
      const secret = readBearer(authorization);
      const row = isTokenSecret(secret)
        ? await db.selectFrom('tokens').selectAll().where('hash', '=', hashTokenSecret(secret)).executeTakeFirst()
        : undefined;
      if (row === undefined) throw refused('token-unknown', 'this hub knows no such token');
      if (row.revoked_at !== null) throw refused('token-revoked', `token ${row.name} was revoked`);
      if (row.expires_at !== null && row.expires_at.getTime() <= now()) {
        throw refused('token-expired', `token ${row.name} expired at ${row.expires_at.toISOString()}`);
      }
      lastUsed.set(row.id, now());
      const scope = { environments: row.environments, tenants: row.tenants };
      return { actor: `token:${row.name}`, role: row.role as Role, scope };
    },
    async flush() {
      const used = [...lastUsed];
      lastUsed.clear();
      for (const [id, at] of used) {
        await db
          .updateTable('tokens')
          .set({ last_used_at: new Date(at) })
          .where('id', '=', id)
          .execute();
      }
    },
  };
}

function readBearer(authorization: string | undefined): string {
  const match = /^Bearer +(\S+) *$/i.exec(authorization ?? '');
  if (match?.[1] !== undefined) return match[1];
  throw refused('token-required', 'this needs a token: Authorization: Bearer fwt_…');
}

function refused(code: string, message: string): FairwayError {
  return new FairwayError(code, message, {
    field: 'Authorization',
    remedy: 'run `fairway login`, or set FAIRWAY_TOKEN; `fairway token create` makes a new one',
  });
}
