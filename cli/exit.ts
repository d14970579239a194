import { FairwayError } from '../core/errors.ts';

/** Exit codes that scripts can use. */
export const exit = { done: 0, failed: 1, usage: 2, waiting: 3, notFound: 4, refused: 5 } as const;
export type ExitCode = (typeof exit)[keyof typeof exit];

/** A fault in what was typed: exit code 2. */
export function usageError(message: string, remedy?: string): FairwayError {
  return new FairwayError('usage', message, remedy === undefined ? {} : { remedy });
}

/** Wrong flags and variables, whoever reads them. */
const mistyped: ReadonlySet<string> = new Set(['usage', 'config-missing', 'config-invalid', 'address-invalid']);

/** The exit code of an error: by the HTTP status of the hub's answer, where that is what failed. */
export function exitCodeOf(error: unknown): ExitCode {
  if (!(error instanceof FairwayError)) return exit.failed;
  if (mistyped.has(error.code)) return exit.usage;
  const status = error.details?.status;
  switch (status) {
    case 400:
    case 413:
    case 415:
      return exit.usage;
    case 404:
      return exit.notFound;
    case 401:
    case 403:
    case 409:
    case 412:
      return exit.refused;
    default:
      return exit.failed;
  }
}
