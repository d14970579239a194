/** Names that a reason tells at most. */
const told = 5;

/** `a, b, c, d, e and 3 more`. */
export function list(names: readonly string[]): string {
  const shown = names.slice(0, told).join(', ');
  return names.length > told ? `${shown} and ${names.length - told} more` : shown;
}

/** `1 cluster`, `3 clusters`. */
export function clusters(count: number): string {
  return count === 1 ? '1 cluster' : `${count} clusters`;
}
