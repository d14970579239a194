/** The version of the wire that this program speaks. */
export const protocolVersion = 1;

/** No message of either side is larger, in bytes; what is larger travels in parts of `partSize` (L7). */
export const messageLimit = 1024 * 1024;
/** A part of a desired state, a status report or a bundle aims at no more than this many bytes. */
export const partSize = 256 * 1024;

/** The name that every hub's certificate bears: an agent asks for nothing else, whatever address it dials. */
export const hubIdentity = 'fairway://hub';

/** One version of skew works, in both directions (L6). */
export function speaks(theirs: number, ours: number = protocolVersion): boolean {
  return Math.abs(theirs - ours) <= 1;
}

/** Says both versions, so that either side's operator knows which to upgrade (L6). */
export function protocolMismatch(agent: number, hub: number): string {
  const remedy = agent < hub ? 'Upgrade the agent' : 'Upgrade the hub';
  return `The agent speaks version ${agent} of the protocol and the hub version ${hub}; they may differ by one. ${remedy}.`;
}
