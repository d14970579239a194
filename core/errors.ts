/**
 * Errors that a user can act on. Every one has a stable `code`, says what is wrong, and, where there is one,
 * names the field and the next step (X4).
 */

/** How an error is to be treated by whoever runs the work that threw it. */
export type Retry = 'terminal' | 'again';

export interface FairwayErrorOptions {
  /** JSON pointer or dotted path of the field that is wrong. */
  readonly field?: string;
  /** What the reader should do next. */
  readonly remedy?: string;
  /** `again` where the same call may succeed later without anybody changing anything. */
  readonly retry?: Retry;
  /** Facts for programs; never a secret (A11). */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

export class FairwayError extends Error {
  readonly code: string;
  readonly field: string | undefined;
  readonly remedy: string | undefined;
  readonly retry: Retry;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  /** @param code stable, kebab-case: `selector-invalid`, `token-expired`, … */
  constructor(code: string, message: string, options: FairwayErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'FairwayError';
    this.code = code;
    this.field = options.field;
    this.remedy = options.remedy;
    this.retry = options.retry ?? 'terminal';
    this.details = options.details;
  }
}

/**
 * Something wrong with what a file declares. It is reported where people look, and harms only what that file
 * declares (G6).
 */
export interface Problem {
  /** Stable, kebab-case. */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** Path in its source, and the line (from 1) where it is known. */
  readonly file: string | null;
  readonly line: number | null;
  /** Dotted path of the field: `spec.rollout.waves[0].percent`. */
  readonly field: string | null;
  readonly message: string;
  readonly remedy: string | null;
}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
