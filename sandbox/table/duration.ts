const units: readonly [string, number][] = [
  ['y', 365 * 86_400],
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
];

/** Each unit stands alone from so many of it on; below, the next smaller one stands beside it. */
const aloneFrom: Readonly<Record<string, number>> = { y: 8, d: 8, h: 8, m: 10, s: 0 };

/** A time that has passed, as `kubectl get` words it: `45s`, `5m30s`, `3h20m`, `12d`. @param milliseconds */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7_200 && seconds >= 600) return `${Math.floor(seconds / 60)}m`;
  if (seconds >= 7_200 && seconds < 172_800 && seconds >= 28_800) return `${Math.floor(seconds / 3_600)}h`;
  const at = units.findIndex(
    ([, size]) => seconds >= size * (size === 60 ? 2 : size === 3_600 || size === 86_400 ? 2 : 1),
  );
  const [name, size] = units[at] ?? ['s', 1];
  const next = units[at + 1];
  const whole = Math.floor(seconds / size);
  if (next === undefined || whole >= (aloneFrom[name] ?? 0)) return `${whole}${name}`;
  const rest = Math.floor((seconds % size) / next[1]);
  return rest === 0 ? `${whole}${name}` : `${whole}${name}${rest}${next[0]}`;
}
