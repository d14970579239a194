import type { Loop, Loops } from '../queue/loops.ts';
import type { RenderContext } from './bundles.ts';

/** The `release` loop: commits → releases, by application (G2, G6). */
export function releaseLoop(context: RenderContext, loops: Loops): Loop {
  void [context, loops];
  return { name: 'release', concurrency: 2, keys: async () => [], reconcile: async () => undefined };
}
