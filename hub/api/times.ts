import { FairwayError } from '../../core/errors.ts';
import type { Wait as AgentWait } from '../../core/link/status.ts';
import type { Wait } from '../../proto/rest/common.ts';

/** A time of the database as the wire has it. */
export function timeText(time: Date): string {
  return time.toISOString();
}

/** The same, where there may be none. */
export function timeTextOrNull(time: Date | null): string | null {
  return time === null ? null : time.toISOString();
}

/** What an agent waits for, with times as texts. */
export function waitText({ reason, since, deadline }: AgentWait): Wait {
  return {
    reason,
    since: new Date(since).toISOString(),
    deadline: deadline === null ? null : new Date(deadline).toISOString(),
  };
}

/**
 * A time of the wire. A schema lets some pass that no calendar has: a leap second.
 * @throws FairwayError `request-invalid`, naming `field`
 */
export function parseTime(text: string, field: string): Date {
  const time = new Date(text);
  if (!Number.isNaN(time.getTime())) return time;
  throw new FairwayError('request-invalid', `${field}: ${JSON.stringify(text)} is no time`, {
    field,
    remedy: 'write it as 2030-01-31T08:00:00Z',
  });
}

const milliseconds = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * Milliseconds of a duration (`30s`, `15m`, `2h`, `7d`).
 * @throws FairwayError `duration-invalid`, naming `field`
 */
export function parseDuration(text: string, field: string): number {
  const match = /^([1-9]\d{0,5})([smhd])$/.exec(text);
  if (match === null) {
    throw new FairwayError('duration-invalid', `${field}: ${JSON.stringify(text)} is no duration`, {
      field,
      remedy: 'write it as 30s, 15m, 2h or 7d',
    });
  }
  return Number(match[1]) * milliseconds[match[2] as keyof typeof milliseconds];
}
