import { nanosOf } from '../../core/fields/quantity.ts';

const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const decimal = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];

/**
 * A quantity as the server writes it: no fraction, and the largest suffix of its kind that allows that. `1000m` → `1`,
 * `0.5` → `500m`, `1024Mi` → `1Gi`. What is no quantity comes back as it is, for validation to refuse.
 */
export function canonicalQuantity(value: unknown): unknown {
  const nanos = nanosOf(value);
  if (nanos === null) return value;
  if (nanos === 0n) return '0';
  const text = String(value);
  const billion = 10n ** 9n;
  if (/i$/.test(text) && nanos % billion === 0n) return largest(nanos / billion, 1024n, binary);
  if (/[eE][+-]?\d+$/.test(text)) return exponent(nanos);
  return largest(nanos, 1000n, decimal);
}

function largest(amount: bigint, step: bigint, suffixes: readonly string[]): string {
  let at = 0;
  let left = amount;
  while (at < suffixes.length - 1 && left % step === 0n) {
    left /= step;
    at += 1;
  }
  return `${left}${suffixes[at] ?? ''}`;
}

function exponent(nanos: bigint): string {
  let power = -9;
  let left = nanos;
  while (left % 1000n === 0n) {
    left /= 1000n;
    power += 3;
  }
  return power === 0 ? String(left) : `${left}e${power}`;
}
