import { type Kysely, sql } from 'kysely';
import type { NotificationSpec } from '../../../core/kinds/notification.ts';
import type { Delivery, DeliveryQuery, Notification } from '../../../proto/rest/notifications.ts';
import { applicationNamedVisible, type Condition, type Visibility } from '../../access/visibility.ts';
import type { Schema } from '../../store/schema.ts';
import type { Slice } from '../pager.ts';
import { timeText, timeTextOrNull } from '../times.ts';

/** The declared notifications, by name, with what became of what the caller may see. */
export async function listNotifications(
  db: Kysely<Schema>,
  visibility: Visibility,
  { after, limit }: Slice,
): Promise<Notification[]> {
  let rows = selectNotifications(db, visibility).orderBy('declarations.name').limit(limit);
  if (after !== null) rows = rows.where('declarations.name', '>', String(after[0]));
  return (await rows.execute()).map(describeNotification);
}

/** Null where none of that name is declared. */
export async function findNotification(
  db: Kysely<Schema>,
  visibility: Visibility,
  name: string,
): Promise<Notification | null> {
  const row = await selectNotifications(db, visibility).where('declarations.name', '=', name).executeTakeFirst();
  return row === undefined ? null : describeNotification(row);
}

/** Deliveries, newest first. */
export async function listDeliveries(
  db: Kysely<Schema>,
  visibility: Visibility,
  { notification, state, type }: Pick<DeliveryQuery, 'notification' | 'state' | 'type'>,
  { after, limit }: Slice,
): Promise<Delivery[]> {
  let rows = selectDeliveries(db, visibility).orderBy('deliveries.id', 'desc').limit(limit);
  if (after !== null) rows = rows.where('deliveries.id', '<', Number(after[0]));
  if (notification !== undefined) rows = rows.where('deliveries.notification', '=', notification);
  if (state !== undefined) rows = rows.where('deliveries.state', '=', state);
  if (type !== undefined) rows = rows.where(sql.ref('notices.type'), '=', type);
  return (await rows.execute()).map(describeDelivery);
}

/** Null where there is none that the caller may see. */
export async function findDelivery(db: Kysely<Schema>, visibility: Visibility, id: number): Promise<Delivery | null> {
  const row = await selectDeliveries(db, visibility).where('deliveries.id', '=', id).executeTakeFirst();
  return row === undefined ? null : describeDelivery(row);
}

/** How many deliveries wait, and how many are given up. */
export async function countDeliveries(
  db: Kysely<Schema>,
  visibility: Visibility,
): Promise<{ readonly waiting: number; readonly dead: number }> {
  return db
    .selectFrom('deliveries')
    .innerJoin('notices', 'notices.id', 'deliveries.notice')
    .select([countOf('waiting').as('waiting'), countOf('dead').as('dead')])
    .where('deliveries.state', 'in', ['waiting', 'dead'])
    .where(noticeVisible(visibility))
    .executeTakeFirstOrThrow();
}

/** The names of the notifications that use credentials. */
export async function usersOfCredentials(db: Kysely<Schema>, credentials: string): Promise<string[]> {
  const rows = await db
    .selectFrom('declarations')
    .select('name')
    .where('kind', '=', 'Notification')
    .where(sql<boolean>`spec ->> 'credentials' = ${credentials}`)
    .orderBy('name')
    .execute();
  return rows.map(({ name }) => name);
}

const countOf = (state: 'waiting' | 'dead') => sql<number>`(count(*) filter (where deliveries.state = ${state}))::int`;

/** A notice belongs to its environments, and to the tenant of its application; one without them to who sees all. */
function noticeVisible(visibility: Visibility): Condition {
  const { environments, tenants } = visibility;
  const inEnvironment = environments === null ? sql`true` : sql`notices.environments && ${environments}::text[]`;
  const ofTenant =
    tenants === null ? sql`true` : sql`coalesce(${applicationNamedVisible(visibility, 'notices.application')}, false)`;
  return sql`(${inEnvironment} and ${ofTenant})`;
}

function selectNotifications(db: Kysely<Schema>, visibility: Visibility) {
  const visible = noticeVisible(visibility);
  const tally = db
    .selectFrom('deliveries')
    .innerJoin('notices', 'notices.id', 'deliveries.notice')
    .where(visible)
    .groupBy('deliveries.notification')
    .select([
      'deliveries.notification',
      countOf('waiting').as('waiting'),
      countOf('dead').as('dead'),
      sql<Date | null>`max(deliveries.ended_at) filter (where deliveries.state = 'delivered')`.as('delivered_at'),
      sql<Failure | null>`(array_agg(jsonb_build_object('reason', deliveries.reason, 'at',
        coalesce(deliveries.ended_at, deliveries.next_at)) order by deliveries.id desc)
        filter (where deliveries.reason is not null))[1]`.as('failure'),
    ]);
  return db
    .selectFrom('declarations')
    .leftJoin(tally.as('tally'), 'tally.notification', 'declarations.name')
    .where('declarations.kind', '=', 'Notification')
    .select([
      'declarations.name',
      'declarations.spec',
      'tally.waiting',
      'tally.dead',
      'tally.delivered_at',
      'tally.failure',
      sql<boolean>`exists (select from notification_credentials c where c.name = declarations.spec ->> 'credentials')`.as(
        'has_credentials',
      ),
    ]);
}

interface Failure {
  readonly reason: string;
  readonly at: string;
}

type NotificationRow = Awaited<ReturnType<ReturnType<typeof selectNotifications>['executeTakeFirstOrThrow']>>;

function describeNotification(row: NotificationRow): Notification {
  const spec = row.spec as NotificationSpec;
  return {
    name: row.name,
    format: spec.format,
    receiver: spec.url === undefined ? null : (URL.parse(spec.url)?.host ?? null),
    events: spec.events,
    environments: spec.environments,
    applications: spec.applications,
    credentials: spec.credentials ?? null,
    hasCredentials: row.has_credentials,
    waiting: row.waiting ?? 0,
    dead: row.dead ?? 0,
    lastDeliveredAt: timeTextOrNull(row.delivered_at),
    lastFailure: row.failure === null ? null : { reason: row.failure.reason, at: timeText(new Date(row.failure.at)) },
  };
}

function selectDeliveries(db: Kysely<Schema>, visibility: Visibility) {
  return db
    .selectFrom('deliveries')
    .innerJoin('notices', 'notices.id', 'deliveries.notice')
    .selectAll('deliveries')
    .select([
      'notices.type',
      'notices.subject',
      'notices.message',
      'notices.at',
      'notices.environments',
      'notices.application',
      'notices.cluster',
      'notices.release',
    ])
    .where(noticeVisible(visibility));
}

type DeliveryRow = Awaited<ReturnType<ReturnType<typeof selectDeliveries>['executeTakeFirstOrThrow']>>;

function describeDelivery(row: DeliveryRow): Delivery {
  const { id, notification, state, attempts, reason, type, subject, message } = row;
  const { environments, application, cluster, release } = row;
  return {
    id,
    notification,
    state,
    attempts,
    nextAttemptAt: state === 'waiting' ? timeText(row.next_at) : null,
    reason,
    createdAt: timeText(row.created_at),
    endedAt: timeTextOrNull(row.ended_at),
    notice: {
      id: row.notice,
      type,
      subject,
      message,
      at: timeText(row.at),
      environments,
      application,
      cluster,
      release,
    },
  };
}
