import { canonicalJson } from '../canonical.ts';
import type { PinSpec } from '../kinds/pin.ts';
import type { MoveKind } from './types.ts';

/** What decides the pin that a promotion writes. */
export interface PinningPromotion {
  readonly id: number;
  readonly kind: MoveKind;
  readonly target: { readonly source: string; readonly revision: string } | null;
  readonly requestedBy: string;
  readonly reason: string | null;
}

/** What the pin is to say; null: it is to be gone. A rollback holds it (R6). */
export function pinOf({ id, kind, target, requestedBy, reason }: PinningPromotion): PinSpec | null {
  if (kind === 'removal' || target === null) return null;
  const { source, revision } = target;
  const pin = { source, revision, promotion: String(id) };
  return kind === 'rollback' ? { ...pin, hold: { reason: reason ?? 'rolled back', by: requestedBy } } : pin;
}

/** True where two pins say the same; null: there is none. */
export function isSamePin(one: PinSpec | null, other: PinSpec | null): boolean {
  return canonicalJson(one) === canonicalJson(other);
}
