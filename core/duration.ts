const units = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const;

/**
 * A duration as declarations write it, in milliseconds: `90s`, `30m`, `1h30m`, `2d`.
 * @param text of the `Duration` scalar's form; what is not of it counts for nothing
 */
export function milliseconds(text: string): number {
  let total = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)([dhms])/g)) {
    total += Number(count) * units[unit as keyof typeof units];
  }
  return total;
}

/** For people: the two largest units that count, `2d 3h`, `30m`, `45s`. @param duration milliseconds */
export function describeDuration(duration: number): string {
  let rest = Math.max(0, Math.ceil(duration / units.s)) * units.s;
  const parts: string[] = [];
  for (const [unit, size] of Object.entries(units)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.slice(0, 2).join(' ') || '0s';
}
