import type { OpenedBundle } from '../../core/bundle.ts';
import type { AgentEvent, ApplicationStatus } from '../../core/link/status.ts';

/** Where the engine gets its bundles. */
export interface BundleSource {
  /**
   * The bundle of a digest, from the agent's own store or from the hub, with what SOPS encrypted in it decrypted
   * (A13); waits while the hub is away (L4).
   * @throws FairwayError where the hub refuses it, or it cannot be decrypted (`sops-…`); the signal's reason where it aborts.
   */
  get(digest: string, signal: AbortSignal): Promise<OpenedBundle>;
}

/** Whom the engine tells what it sees. Both calls return at once and never throw. */
export interface Reporter {
  /** The whole state of one application, each time that it changed. */
  status(status: ApplicationStatus): void;
  /** Something that happened once; the outbox numbers it. */
  event(event: Omit<AgentEvent, 'sequence'>): void;
}
