import type { Signer } from '../fleet/signing-key.ts';
import type { Loops } from '../queue/loops.ts';
import type { RenderContext } from '../releases/context.ts';

/** What promotions need of the hub. */
export interface PromotionContext extends RenderContext {
  readonly loops: Pick<Loops, 'wake'>;
  readonly signer: Signer;
  /** Of the fleet repository. */
  readonly pinsBranch: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}
