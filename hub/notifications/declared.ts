import type { Kysely } from 'kysely';
import type { NotificationSpec } from '../../core/kinds/notification.ts';
import type { Schema } from '../store/schema.ts';

/** The notifications that the fleet repository declares, by name. */
export async function declaredNotifications(db: Kysely<Schema>): Promise<ReadonlyMap<string, NotificationSpec>> {
  const rows = await db
    .selectFrom('declarations')
    .select(['name', 'spec'])
    .where('kind', '=', 'Notification')
    .orderBy('name')
    .execute();
  return new Map(rows.map(({ name, spec }) => [name, spec as NotificationSpec]));
}
