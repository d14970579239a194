/** When an agent asks for its next certificate, and how late a hub still gives one (T2). */

const day = 24 * 60 * 60_000;

/** So long after it ran out a certificate that was not revoked can still be renewed; milliseconds. */
export const renewalGrace = 90 * day;

/** When a certificate holds, in milliseconds since the epoch. */
export interface Validity {
  readonly from: number;
  readonly to: number;
}

/**
 * The time to renew at: two thirds of the life, and up to a twelfth more, so that agents that joined together do not
 * come back together.
 * @param random from 0 to below 1
 */
export function renewalTime({ from, to }: Validity, random: number): number {
  return from + (to - from) * (2 / 3 + random / 12);
}

/** True where a certificate can still be renewed: it holds, or ran out of late. */
export function isRenewable(to: number, now: number): boolean {
  return now < to + renewalGrace;
}
