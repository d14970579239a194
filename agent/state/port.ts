/**
 * What survives a restart of the agent (L4, X1): small named records, each written whole or not at all. On disk,
 * or in Secrets of the agent's namespace where it has no disk; one contract suite holds both.
 */
export interface State {
  /** Null where there is none. Throws `StateCorrupt` where what is stored is not what was written. */
  read(name: string): Promise<Uint8Array | null>;
  /** Returns once the record is durable; a crash before leaves the old one whole. */
  write(name: string, content: Uint8Array): Promise<void>;
  remove(name: string): Promise<void>;
  /** Names that begin so, sorted. */
  list(prefix: string): Promise<readonly string[]>;
}

/** A record that was cut or changed. The caller rebuilds it from the cluster and the hub. */
export class StateCorrupt extends Error {
  readonly record: string;

  constructor(record: string, message: string) {
    super(message);
    this.name = 'StateCorrupt';
    this.record = record;
  }
}
