import type { MemberCounts } from '../../proto/rest/rollouts.ts';
import type { Style, Terminal } from '../terminal.ts';

type Standing = Exclude<keyof MemberCounts, 'total'>;

/** How each standing is drawn, in the order of the bar: what is done first, what is to come last. */
const parts: readonly { readonly standing: Standing; readonly cell: string; readonly style: Style }[] = [
  { standing: 'healthy', cell: '█', style: 'green' },
  { standing: 'skipped', cell: '▒', style: 'dim' },
  { standing: 'left', cell: '▒', style: 'dim' },
  { standing: 'updating', cell: '▓', style: 'cyan' },
  { standing: 'due', cell: '▒', style: 'cyan' },
  { standing: 'returning', cell: '▓', style: 'yellow' },
  { standing: 'returned', cell: '█', style: 'yellow' },
  { standing: 'ill', cell: '▓', style: 'red' },
  { standing: 'failed', cell: '█', style: 'red' },
  { standing: 'pending', cell: '░', style: 'dim' },
];

/**
 * The clusters of a wave as a bar of so many columns. Whatever there is one of takes one column at least, so that a
 * single failed cluster among thousands shows. Where nothing waits for health, who was handed the release is done.
 */
export function drawBar(
  terminal: Pick<Terminal, 'style'>,
  standings: MemberCounts,
  width: number,
  gated = true,
): string {
  const counts = gated ? standings : { ...standings, healthy: standings.healthy + standings.updating, updating: 0 };
  if (counts.total === 0) return terminal.style('dim', '·'.repeat(width));
  const present = parts.filter(({ standing }) => counts[standing] > 0);
  const cells = shareOut(
    present.map(({ standing }) => counts[standing]),
    width,
  );
  return present.map(({ cell, style }, index) => terminal.style(style, cell.repeat(cells[index] ?? 0))).join('');
}

/** So many columns for each count: one at least, the rest by size. */
function shareOut(counts: readonly number[], width: number): readonly number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const shares = counts.map((count) => Math.max(1, Math.floor((count / total) * width)));
  for (let left = width - shares.reduce((sum, share) => sum + share, 0); left !== 0; left -= Math.sign(left)) {
    const largest = shares.indexOf(Math.max(...shares));
    shares[largest] = (shares[largest] ?? 0) + Math.sign(left);
  }
  return shares;
}

const reached: ReadonlySet<Standing> = new Set(['healthy', 'updating', 'ill']);

/**
 * `2/3 healthy`, `1/4 healthy: 2 updating, 1 failed`; of a rollout in which nothing waits for health, whom it was handed
 * to, for it looks no further: `handed to 3`.
 */
export function countsText(counts: MemberCounts, gated = true): string {
  const isDone = (standing: Standing) => (gated ? standing === 'healthy' : reached.has(standing));
  const others = parts
    .filter(({ standing }) => !isDone(standing) && standing !== 'pending' && counts[standing] > 0)
    .map(({ standing }) => `${counts[standing]} ${standing}`);
  const told = gated ? `${counts.healthy}/${counts.total} healthy` : handedText(counts);
  return others.length === 0 ? told : `${told}: ${others.join(', ')}`;
}

function handedText(counts: MemberCounts): string {
  const handed = counts.healthy + counts.updating + counts.ill;
  return handed === counts.total ? `handed to ${handed}` : `handed to ${handed} of ${counts.total}`;
}
