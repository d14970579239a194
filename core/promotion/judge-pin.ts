import { isSamePin, pinOf } from './pin.ts';
import { lostStates } from './sets.ts';
import type { PromotionStep } from './steps.ts';
import type { EnvironmentFacts, PromotionWorld } from './world.ts';

/**
 * What a pin is that Git has, and nobody has judged: the one that a promotion was to write, which is admitted; one
 * that the hub signed before it was rebuilt, which needs no gate again (X3); or a person's, which is a promotion like
 * any other (P6). One that a promotion wrote that has ended otherwise than by settling asks for nothing, whenever it is
 * merged. Nothing where it is judged.
 */
export function judgePin({ releases }: PromotionWorld, environment: EnvironmentFacts): PromotionStep[] {
  const { name, pin, requested, rolling, settlements, ended } = environment;
  if (requested !== null && requested.state === 'pinning' && isSamePin(pin?.spec ?? null, pinOf(requested))) {
    return [{ type: 'admit', promotion: requested.id, environment: name }];
  }
  if (pin === null || pin.promotion !== null) return [];

  const superseded: PromotionStep[] =
    requested === null
      ? []
      : [{ type: 'end', promotion: requested.id, state: 'superseded', reason: 'the pin was changed meanwhile' }];
  const settled = settlements.find((settlement) => settlement.inForce)?.release;
  const running = rolling === null ? settled : rolling.release;
  if (pin.spec.revision === releases.get(running ?? '')?.commit) {
    return [...superseded, { type: 'answer', environment: name, promotion: rolling?.id ?? ended[0]?.id ?? 0 }];
  }
  if (pin.change === null) return [{ type: 'look-at-pin', environment: name }];
  const writer = pin.change.actor === 'hub' ? ended.find(({ id }) => String(id) === pin.spec.promotion) : undefined;
  // It was given up, refused or replaced while its commit was on its way: whoever merges that revives nothing.
  if (writer !== undefined && lostStates.has(writer.state)) {
    return [...superseded, { type: 'answer', environment: name, promotion: writer.id }];
  }
  return [
    ...superseded,
    {
      ...{ type: 'open', environment: name, kind: 'release', origin: 'pin' },
      state: pin.change.isRestored ? 'pinned' : 'waiting',
      // Whoever asked for the commit asked for this: they do not approve it themselves (P3).
      requestedBy: writer?.requestedBy ?? pin.change.actor,
      release: pin.release,
      target: { source: pin.spec.source, revision: pin.spec.revision },
      reason: null,
    },
  ];
}
