import type { Kysely } from 'kysely';
import { FairwayError } from '../../core/errors.ts';
import { record } from '../audit/ledger.ts';
import type { DataKey } from '../store/data-key.ts';
import type { Schema } from '../store/schema.ts';
import { inTransaction } from '../store/transaction.ts';

/** What a notification is sent with. Written over REST, never read there (A11). */
export interface NotificationCredentials {
  /** Where it is sent, in place of the declared URL. */
  readonly url?: string | undefined;
  /** CloudEvents are signed with it: `whsec_` and base64, or any text. */
  readonly secret?: string | undefined;
  /** Commit statuses are posted with it, in place of the source's own password. */
  readonly token?: string | undefined;
}

/**
 * Stores credentials under a name; notifications name them in `spec.credentials`.
 * @throws FairwayError `credentials-invalid`, naming the field and never its value
 */
export async function setNotificationCredentials(
  db: Kysely<Schema>,
  dataKey: DataKey,
  actor: string,
  name: string,
  credentials: NotificationCredentials,
): Promise<void> {
  const { url, secret, token } = credentials;
  if (url === undefined && secret === undefined && token === undefined) {
    throw invalid('url', 'given, or a secret, or a token');
  }
  if (url !== undefined && !['https:', 'http:'].includes(URL.parse(url)?.protocol ?? '')) {
    throw invalid('url', 'a URL that begins with https://');
  }
  if (secret === '') throw invalid('secret', 'a text that is not empty, or left out');
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) throw invalid('token', 'a token without spaces');
  const sealed = dataKey.seal(Buffer.from(JSON.stringify(credentials)), contextOf(name));
  await inTransaction(db, async (transaction) => {
    await transaction
      .insertInto('notification_credentials')
      .values({ name, sealed })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ sealed, updated_at: new Date() }))
      .execute();
    const detail = { url: url !== undefined, secret: secret !== undefined, token: token !== undefined };
    const subject = `notification-credentials/${name}`;
    await record(transaction, [{ actor, action: 'notification-credentials.set', subject, detail }]);
  });
}

/** Forgets credentials. @returns false where there were none. */
export async function removeNotificationCredentials(db: Kysely<Schema>, actor: string, name: string): Promise<boolean> {
  return inTransaction(db, async (transaction) => {
    const { numDeletedRows } = await transaction
      .deleteFrom('notification_credentials')
      .where('name', '=', name)
      .executeTakeFirstOrThrow();
    if (numDeletedRows === 0n) return false;
    const subject = `notification-credentials/${name}`;
    await record(transaction, [{ actor, action: 'notification-credentials.remove', subject }]);
    return true;
  });
}

/** Null where there are none. @throws FairwayError `data-key-mismatch` */
export async function notificationCredentials(
  db: Kysely<Schema>,
  dataKey: DataKey,
  name: string,
): Promise<NotificationCredentials | null> {
  const row = await db
    .selectFrom('notification_credentials')
    .select('sealed')
    .where('name', '=', name)
    .executeTakeFirst();
  if (row === undefined) return null;
  return JSON.parse(Buffer.from(dataKey.open(row.sealed, contextOf(name))).toString()) as NotificationCredentials;
}

function contextOf(name: string): string {
  return `notification ${name}`;
}

function invalid(field: string, expected: string): FairwayError {
  return new FairwayError('credentials-invalid', `${field} must be ${expected}`, { field });
}
