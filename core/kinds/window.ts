import { type Static, Type } from 'typebox';
import { Duration, RoleSubject } from './scalars.ts';

/** When promotions and waves may start (`allow`), or may not (`freeze`) (P4). */
export const WindowSpec = Type.Object(
  {
    type: Type.Enum(['allow', 'freeze']),
    /** Cron: minute, hour, day of month, month, day of week. */
    schedule: Type.String({ format: 'cron', expected: 'five cron fields, such as "0 8 * * 1-5"' }),
    duration: Duration,
    timeZone: Type.String({
      format: 'time-zone',
      default: 'UTC',
      expected: 'a time zone of the IANA database, such as "Europe/Berlin"',
    }),
    override: Type.Array(RoleSubject, { default: [] }),
  },
  { additionalProperties: false },
);
export type WindowSpec = Static<typeof WindowSpec>;
