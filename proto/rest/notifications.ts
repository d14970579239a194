import { type Static, Type } from 'typebox';
import { Name, Nullable, Time } from './common.ts';
import { PageQuery } from './page.ts';

const DeliveryState = Type.Enum(['waiting', 'delivered', 'superseded', 'dead']);

/** Who is told of what, as the fleet repository declares it, and how that goes. */
export const Notification = Type.Object(
  {
    name: Type.String(),
    format: Type.Enum(['cloudevents', 'slack', 'commit-status']),
    receiver: Nullable(Type.String({ description: 'the host of the declared URL; the rest of it may be a secret' })),
    events: Type.Array(Type.String(), { description: 'empty: those that a person may have to act on' }),
    environments: Type.Array(Type.String()),
    applications: Type.Array(Type.String()),
    credentials: Nullable(Type.String()),
    hasCredentials: Type.Boolean(),
    waiting: Type.Integer(),
    dead: Type.Integer(),
    lastDeliveredAt: Nullable(Time),
    lastFailure: Nullable(Type.Object({ reason: Type.String(), at: Time })),
  },
  { title: 'Notification' },
);
export type Notification = Static<typeof Notification>;

/** A notice on its way to a notification. */
export const Delivery = Type.Object(
  {
    id: Type.Integer(),
    notification: Type.String(),
    state: DeliveryState,
    attempts: Type.Integer(),
    nextAttemptAt: Nullable(Time),
    reason: Nullable(Type.String({ description: 'why the last attempt failed' })),
    createdAt: Time,
    endedAt: Nullable(Time),
    notice: Type.Object({
      id: Type.String({ description: 'the id of the CloudEvent' }),
      type: Type.String(),
      subject: Type.String(),
      message: Type.String(),
      at: Time,
      environments: Type.Array(Type.String()),
      application: Nullable(Type.String()),
      cluster: Nullable(Type.String()),
      release: Nullable(Type.String()),
    }),
  },
  { title: 'Delivery' },
);
export type Delivery = Static<typeof Delivery>;

export const DeliveryQuery = Type.Object(
  {
    ...PageQuery.properties,
    notification: Type.Optional(Name),
    state: Type.Optional(DeliveryState),
    type: Type.Optional(Type.String({ maxLength: 100 })),
  },
  { additionalProperties: false },
);
export type DeliveryQuery = Static<typeof DeliveryQuery>;

export const DeliveryParameters = Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) });

/** Write-only: no response holds any of it. */
export const NotificationCredentials = Type.Object(
  {
    url: Type.Optional(Type.String({ maxLength: 2_000, description: 'where it is sent, as Slack gives it' })),
    secret: Type.Optional(
      Type.String({ maxLength: 1_000, description: 'signs CloudEvents: whsec_ and base64, or any text' }),
    ),
    token: Type.Optional(Type.String({ maxLength: 10_000, description: 'posts commit statuses' })),
  },
  { additionalProperties: false, minProperties: 1 },
);
export type NotificationCredentials = Static<typeof NotificationCredentials>;

/** Whether credentials are stored under a name, and which notifications use them. */
export const NotificationCredentialsState = Type.Object(
  { name: Type.String(), stored: Type.Boolean(), notifications: Type.Array(Type.String()) },
  { title: 'NotificationCredentialsState' },
);
export type NotificationCredentialsState = Static<typeof NotificationCredentialsState>;
