import type { Logger } from 'pino';
import type { State } from '../state/port.ts';
import { readJson, writeJson } from './records.ts';

/** What an agent proves itself with. The private key never leaves its state (T2). */
export interface Identity {
  readonly cluster: string;
  /** PEM, PKCS#8. */
  readonly key: string;
  /** PEM. */
  readonly certificate: string;
  /** PEM: the authorities that this agent trusts as its hub's. */
  readonly authorities: readonly string[];
  /** Hash of the token that it came from: another token asks to join anew. */
  readonly token: string;
}

/** Kept twice: it is the one record that neither the hub nor the cluster can make again. */
const records = ['identity', 'identity-copy'] as const;

/** Null where the agent has not joined, or both copies of what it kept are damaged; one that is gets mended. */
export async function readIdentity(state: State, log: Logger): Promise<Identity | null> {
  const found = await Promise.all(records.map((record) => readJson<Identity>(state, record, log)));
  const identity = found.find((copy) => copy !== null) ?? null;
  if (identity !== null && found.includes(null)) await writeIdentity(state, identity);
  return identity;
}

/** Returns once it is durable, twice. */
export async function writeIdentity(state: State, identity: Identity): Promise<void> {
  for (const record of records) await writeJson(state, record, identity);
}
