const named = 5;

/** `eu-1`; `eu-1 and eu-2`; `1200 clusters (eu-1, eu-2, eu-3, eu-4, eu-5, …)`. */
export function listed(clusters: readonly string[]): string {
  if (clusters.length <= 2) return clusters.join(' and ');
  const rest = clusters.length > named ? ', …' : '';
  return `${clusters.length} clusters (${clusters.slice(0, named).join(', ')}${rest})`;
}
