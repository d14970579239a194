import { isSamePin, pinOf } from './pin.ts';
import { lostStates } from './sets.ts';
import { goesBack } from './settle-rollout.ts';
import type { PromotionStep } from './steps.ts';
import type { EnvironmentFacts, PromotionWorld } from './world.ts';

/**
 * What a pin is that Git has, and nobody has judged: the one that a promotion was to write, which answers for it and is
 * admitted once its gates are met; one that the hub signed before it was rebuilt, which needs no gate again (X3); or a
 * person's, which is a promotion like any other (P6). One that a promotion wrote that has ended otherwise than by
 * settling asks for nothing, whenever it is merged. Nothing where it is judged.
 */
export function judgePin({ releases }: PromotionWorld, environment: EnvironmentFacts): PromotionStep[] {
  const { name, pin, requested, rolling, settlements, ended } = environment;
  if (pin === null || pin.promotion !== null) return [];
  if (requested !== null && isSamePin(pin.spec, pinOf(requested))) {
    return [{ type: 'answer', environment: name, promotion: requested.id }];
  }

  const superseded: PromotionStep[] =
    requested === null
      ? []
      : [{ type: 'end', promotion: requested.id, state: 'superseded', reason: 'the pin was changed meanwhile' }];
  const settled = settlements.find((settlement) => settlement.inForce)?.release;
  const running = rolling === null ? settled : rolling.release;
  const isThere = pin.spec.revision === releases.get(running ?? '')?.commit;
  // A rollback has its pin still to come, over whatever the hub was about to write (R6).
  const back = requested?.kind === 'rollback' ? requested : rolling !== null && goesBack(rolling) ? rolling : null;
  if (back !== null && (isThere || pin.change?.actor === 'hub')) {
    return [{ type: 'answer', environment: name, promotion: back.id }];
  }
  if (isThere) {
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
