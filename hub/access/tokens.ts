import { randomUUID } from 'node:crypto';
import type { Kysely, Selectable } from 'kysely';
import { covers, isWithin, type Principal, type Role, type Scope } from '../../core/access.ts';
import { FairwayError } from '../../core/errors.ts';
import { record } from '../audit/ledger.ts';
import type { Schema } from '../store/schema.ts';
import { inTransaction } from '../store/transaction.ts';
import { hashTokenSecret, newTokenSecret } from './secret.ts';

/** The commands on tokens. Each is one transaction with its ledger row (U1). */

export type TokenRow = Selectable<Schema['tokens']>;

export interface NewToken {
  readonly name: string;
  readonly role: Role;
  readonly scope: Scope;
  /** Null: it does not expire. */
  readonly expiresAt: Date | null;
  /** Of whom it is; commits by that address count as theirs (P3). */
  readonly email?: string | undefined;
}

/**
 * Makes a token and gives its secret, this once (T6). Nobody hands on more than they have.
 * @param secret given only where it had to be written elsewhere before
 * @throws FairwayError `token-exists`, `scope-insufficient`
 */
export async function createToken(
  db: Kysely<Schema>,
  creator: Principal,
  token: NewToken,
  secret = newTokenSecret(),
): Promise<{ readonly row: TokenRow; readonly secret: string }> {
  if (!covers(creator.role, token.role) || !isWithin(token.scope, creator.scope)) {
    throw new FairwayError(
      'scope-insufficient',
      `${creator.actor} cannot hand out a role or scope wider than its own`,
      {
        field: covers(creator.role, token.role) ? 'environments' : 'role',
        remedy: 'ask for less, or let somebody with that scope make the token',
      },
    );
  }
  const row = await inTransaction(db, async (transaction) => {
    const inserted = await transaction
      .insertInto('tokens')
      .values({
        id: randomUUID(),
        name: token.name,
        hash: hashTokenSecret(secret),
        role: token.role,
        environments: [...token.scope.environments],
        tenants: [...token.scope.tenants],
        created_by: creator.actor,
        expires_at: token.expiresAt,
        email: token.email ?? null,
      })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .returningAll()
      .executeTakeFirst();
    if (inserted === undefined) throw nameTaken(token.name);
    await record(transaction, [
      {
        actor: creator.actor,
        action: 'token.create',
        subject: `token/${token.name}`,
        detail: {
          id: inserted.id,
          role: token.role,
          ...token.scope,
          expiresAt: token.expiresAt?.toISOString() ?? null,
          email: token.email ?? null,
        },
      },
    ]);
    return inserted;
  });
  return { row, secret };
}

/**
 * Ends a token at once. Revoking one that is revoked already changes nothing.
 * @param identifier its id or its name
 * @throws FairwayError `token-not-found`, `scope-insufficient`
 */
export async function revokeToken(db: Kysely<Schema>, actor: Principal, identifier: string): Promise<TokenRow> {
  return inTransaction(db, async (transaction) => {
    const row = await transaction
      .selectFrom('tokens')
      .selectAll()
      .where((where) => where.or([where('id', '=', identifier), where('name', '=', identifier)]))
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined) {
      throw new FairwayError('token-not-found', `There is no token ${JSON.stringify(identifier)}.`, {
        field: 'id',
        remedy: 'list them with `fairway token list`',
      });
    }
    if (!isWithin(row, actor.scope)) {
      throw new FairwayError('scope-insufficient', `token ${row.name} reaches further than ${actor.actor}`, {
        field: 'id',
      });
    }
    if (row.revoked_at !== null) return row;
    const revoked = await transaction
      .updateTable('tokens')
      .set({ revoked_at: new Date() })
      .where('id', '=', row.id)
      .returningAll()
      .executeTakeFirstOrThrow();
    await record(transaction, [
      { actor: actor.actor, action: 'token.revoke', subject: `token/${row.name}`, detail: { id: row.id } },
    ]);
    return revoked;
  });
}

function nameTaken(name: string): FairwayError {
  return new FairwayError('token-exists', `There is, or was, a token named ${name}.`, {
    field: 'name',
    remedy: 'choose another name: the ledger names people by it, so none is used twice',
  });
}
