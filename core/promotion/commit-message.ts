import type { MoveKind } from './types.ts';

/** One pin that a commit moves, as its message tells it. */
export interface PinMove {
  readonly promotion: number;
  readonly kind: MoveKind;
  readonly environment: string;
  readonly application: string;
  readonly release: string | null;
  readonly requestedBy: string;
  readonly approvedBy: readonly string[];
  readonly planDigest: string | null;
  readonly reason: string | null;
}

/**
 * The message of a commit that moves pins: what it does, why, and trailers by which the ledger's words can be found
 * again though the database is lost. Nothing that people wrote can pass for a trailer.
 */
export function commitMessage(moves: readonly PinMove[]): string {
  const [first] = moves;
  if (first === undefined) throw new Error('a commit moves at least one pin');
  const lines = moves.map(describe);
  const title =
    moves.length === 1 ? (lines[0] ?? '') : `${first.environment}: move ${moves.length} applications together`;
  const reasons = [...new Set(moves.flatMap(({ reason }) => (reason === null ? [] : [oneLine(reason)])))];
  const trailers = [
    ...moves.map(({ promotion }) => `Fairway-Promotion: ${promotion}`),
    ...distinct(moves.map(({ requestedBy }) => `Promoted-by: ${oneLine(requestedBy)}`)),
    ...distinct(moves.flatMap(({ approvedBy }) => approvedBy.map((actor) => `Approved-by: ${oneLine(actor)}`))),
    ...moves.flatMap(({ planDigest }) => (planDigest === null ? [] : [`Plan-digest: ${planDigest}`])),
  ];
  const body = [...(moves.length === 1 ? [] : lines), ...reasons];
  return [title, ...(body.length === 0 ? [] : [body.join('\n')]), trailers.join('\n')].join('\n\n');
}

/** The message of a commit that holds a pin, or lets it go. */
export function holdMessage({
  action,
  environment,
  application,
  actor,
  reason,
}: {
  readonly action: 'set' | 'lift';
  readonly environment: string;
  readonly application: string;
  readonly actor: string;
  readonly reason: string | null;
}): string {
  const title = `${environment}: ${action === 'set' ? 'hold' : 'hold no more'} ${application}`;
  const why = reason === null ? [] : [oneLine(reason)];
  return [title, ...why, `Fairway-Hold: ${action}\nPromoted-by: ${oneLine(actor)}`].join('\n\n');
}

function describe({ kind, environment, application, release }: PinMove): string {
  switch (kind) {
    case 'release':
      return `${environment}: promote ${release ?? application}`;
    case 'rollback':
      return `${environment}: roll ${application} back to ${release ?? 'what was settled'}, and hold it`;
    case 'removal':
      return `${environment}: take ${application} away`;
  }
}

/** So that nothing that is told can begin a line of its own. */
function oneLine(text: string): string {
  return text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, 500);
}

function distinct(lines: readonly string[]): string[] {
  return [...new Set(lines)];
}
