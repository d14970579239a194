import type { Problem } from './errors.ts';

/**
 * Everything that can be said of a fleet repository's tree without a hub: its declarations, applications and
 * references, and a render of each application for each environment, for the declared clusters or a sample.
 * @param files by path from the root of the repository
 */
export function validateFleet(files: ReadonlyMap<string, Uint8Array>): Problem[] {
  void files;
  return [];
}
