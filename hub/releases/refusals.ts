import type { Problem } from '../../core/errors.ts';

/** Commits of one application that were found broken, and why. A commit never changes, so none is read twice. */
export type Refusals = Map<string, readonly Problem[]>;
