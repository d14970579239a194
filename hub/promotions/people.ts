import type { Kysely } from 'kysely';
import type { Schema } from '../store/schema.ts';

const user = 'user:';
const token = 'token:';

/**
 * The e-mail addresses of people, by how the ledger names them: a user's is their name, a token's is declared with it
 * (P3). Who has none is left out. In lower case.
 */
export async function loadAddresses(
  db: Kysely<Schema>,
  actors: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const addresses = new Map<string, string>();
  const tokens: string[] = [];
  for (const actor of new Set(actors)) {
    if (actor.startsWith(user) && actor.includes('@')) addresses.set(actor, actor.slice(user.length).toLowerCase());
    else if (actor.startsWith(token)) tokens.push(actor.slice(token.length));
  }
  if (tokens.length === 0) return addresses;
  const rows = await db
    .selectFrom('tokens')
    .select(['name', 'email'])
    .where('name', 'in', tokens)
    .where('email', 'is not', null)
    .execute();
  for (const { name, email } of rows) if (email !== null) addresses.set(`${token}${name}`, email.toLowerCase());
  return addresses;
}
