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

const record = 'identity';

/** Null where the agent has not joined, or what it kept is damaged. */
export function readIdentity(state: State, log: Logger): Promise<Identity | null> {
  return readJson<Identity>(state, record, log);
}

/** Returns once it is durable. */
export function writeIdentity(state: State, identity: Identity): Promise<void> {
  return writeJson(state, record, identity);
}
