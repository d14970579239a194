import type { Kysely } from 'kysely';
import { FairwayError } from '../../core/errors.ts';
import { record } from '../audit/ledger.ts';
import type { DataKey } from '../store/data-key.ts';
import type { Schema } from '../store/schema.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Credentials } from './mirror.ts';

/** What a source's remote and its hooks are opened with. Written over REST, never read there (A11). */
export type SourceCredentials = (Credentials | { readonly type: 'none' }) & {
  /** The Git host signs its hooks with it. */
  readonly webhookSecret?: string | undefined;
};

/**
 * Stores credentials under a name; sources name them in `spec.credentials`, and the fleet's own are named `fleet`.
 * Wake the `source` loop of those that use them afterwards.
 * @throws FairwayError `credentials-invalid`, naming the field and never its value
 */
export async function setCredentials(
  db: Kysely<Schema>,
  dataKey: DataKey,
  actor: string,
  name: string,
  credentials: SourceCredentials,
): Promise<void> {
  checkCredentials(name, credentials);
  const sealed = dataKey.seal(Buffer.from(JSON.stringify(credentials)), contextOf(name));
  await inTransaction(db, async (transaction) => {
    await transaction
      .insertInto('source_credentials')
      .values({ source: name, sealed })
      .onConflict((conflict) => conflict.column('source').doUpdateSet({ sealed, updated_at: new Date() }))
      .execute();
    const detail = { type: credentials.type, webhookSecret: credentials.webhookSecret !== undefined };
    await record(transaction, [{ actor, action: 'credentials.set', subject: `credentials/${name}`, detail }]);
  });
}

/** Forgets credentials. @returns false where there were none. */
export async function removeCredentials(db: Kysely<Schema>, actor: string, name: string): Promise<boolean> {
  return inTransaction(db, async (transaction) => {
    const { numDeletedRows } = await transaction
      .deleteFrom('source_credentials')
      .where('source', '=', name)
      .executeTakeFirstOrThrow();
    if (numDeletedRows === 0n) return false;
    await record(transaction, [{ actor, action: 'credentials.remove', subject: `credentials/${name}` }]);
    return true;
  });
}

/** Null where there are none. @throws FairwayError `data-key-mismatch` */
export async function credentialsOf(
  db: Kysely<Schema>,
  dataKey: DataKey,
  name: string,
): Promise<SourceCredentials | null> {
  const row = await db.selectFrom('source_credentials').select('sealed').where('source', '=', name).executeTakeFirst();
  if (row === undefined) return null;
  return JSON.parse(Buffer.from(dataKey.open(row.sealed, contextOf(name))).toString()) as SourceCredentials;
}

/** The part of credentials that a remote is shown. */
export function remoteCredentials(stored: SourceCredentials | null): Credentials | null {
  if (stored === null || stored.type === 'none') return null;
  const { webhookSecret: _, ...credentials } = stored;
  return credentials as Credentials;
}

function contextOf(name: string): string {
  return `credentials ${name}`;
}

function checkCredentials(name: string, credentials: SourceCredentials): void {
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) {
    throw invalid('name', 'a name of at most 63 lower-case letters, digits and hyphens');
  }
  if (credentials.webhookSecret === '') throw invalid('webhookSecret', 'a text that is not empty, or left out');
  switch (credentials.type) {
    case 'none':
      return;
    case 'basic':
      if (/[:\p{Cc}]/u.test(credentials.username)) throw invalid('username', 'a user name without a colon');
      if (credentials.password === '') throw invalid('password', 'a password or an access token');
      return;
    case 'ssh':
      if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(credentials.privateKey)) {
        throw invalid('privateKey', 'a private key in PEM or OpenSSH form, without passphrase');
      }
      if (credentials.knownHosts.trim() === '') {
        throw invalid(
          'knownHosts',
          "the host's lines of a known_hosts file (`ssh-keyscan HOST`, compared with what the host publishes)",
        );
      }
  }
}

function invalid(field: string, expected: string): FairwayError {
  return new FairwayError('credentials-invalid', `${field} must be ${expected}`, { field });
}
