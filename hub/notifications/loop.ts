import type { Loop, Loops } from '../queue/loops.ts';
import type { NotificationContext } from './context.ts';
import { deliverDue } from './deliver.ts';
import { lookForNotices } from './look.ts';

/** The key under which the fleet is looked through; the others are `to NAME`. */
const look = 'look';
const keyOf = (notification: string) => `to ${notification}`;

/** Milliseconds between two looks. */
const lookEvery = 10_000;

/** Wakes the delivery of what waits for a notification. */
export function wakeNotification(loops: Pick<Loops, 'wake'>, notification: string): Promise<void> {
  return loops.wake('notification', keyOf(notification));
}

/** The loop that tells people outside what they may have to act on, and Git hosts what became of their commits. */
export function notificationLoop(context: NotificationContext & { readonly loops: Pick<Loops, 'wake'> }): Loop {
  const { db, loops } = context;
  return {
    name: 'notification',
    concurrency: 4,
    async keys() {
      const rows = await db
        .selectFrom('deliveries')
        .select('notification')
        .distinct()
        .where('state', '=', 'waiting')
        .execute();
      return [look, ...rows.map(({ notification }) => keyOf(notification))];
    },
    async reconcile(key, { signal }) {
      if (key !== look) {
        const again = await deliverDue(context, key.slice(keyOf('').length), signal);
        return again === undefined ? undefined : { again };
      }
      const due = await lookForNotices(context);
      for (const notification of due) await wakeNotification(loops, notification);
      return { again: lookEvery };
    },
  };
}
