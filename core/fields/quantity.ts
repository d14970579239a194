/** Kubernetes quantities: `100m`, `1.5`, `2Gi`, `1e3`. */

const binary: Readonly<Record<string, bigint>> = {
  Ki: 2n ** 10n,
  Mi: 2n ** 20n,
  Gi: 2n ** 30n,
  Ti: 2n ** 40n,
  Pi: 2n ** 50n,
  Ei: 2n ** 60n,
};
const decimal: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };

const form = /^([+-]?)(\d*)(?:\.(\d*))?(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?\d{1,3})?$/;

/** A quantity in billionths, rounded up as the API server does; null where the value is none. */
export function nanosOf(value: unknown): bigint | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const match = form.exec(String(value));
  if (match === null) return null;
  const [, sign, whole = '', fraction = '', suffix = ''] = match;
  if (whole + fraction === '') return null;
  const exponent = /^[eE]./.test(suffix) ? Number(suffix.slice(1)) : (decimal[suffix] ?? 0);
  const mantissa = BigInt(whole + fraction) * (binary[suffix] ?? 1n);
  const shift = 9 + exponent - fraction.length;
  const divisor = shift < 0 ? 10n ** BigInt(-shift) : 1n;
  const magnitude = shift < 0 ? (mantissa + divisor - 1n) / divisor : mantissa * 10n ** BigInt(shift);
  return sign === '-' ? -magnitude : magnitude;
}

/** True where both are quantities of the same size: `1000m` and `1`, `1024Mi` and `1Gi`. */
export function equalQuantities(a: unknown, b: unknown): boolean {
  const nanos = nanosOf(a);
  return nanos !== null && nanos === nanosOf(b);
}

/** Maps whose members are quantities, in the kinds of Kubernetes and in those that follow their example. */
const maps = new Set([
  'limits',
  'requests',
  'capacity',
  'allocatable',
  'hard',
  'default',
  'defaultRequest',
  'max',
  'min',
  'maxLimitRequestRatio',
  'overhead',
  'podFixed',
]);
/** Fields that are quantities themselves. */
const single = new Set(['sizeLimit', 'storage', 'averageValue', 'divisor', 'cpu', 'memory']);

/** True where a field, by its name and that of the map it is in, holds a quantity. */
export function isQuantityField(name: string, parent: string): boolean {
  return single.has(name) || maps.has(parent);
}
