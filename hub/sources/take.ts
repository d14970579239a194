import type { Kysely, Transaction } from 'kysely';
import type { Problem } from '../../core/errors.ts';
import type { Declaration, Pin } from '../../core/kinds/parse.ts';
import { replaceProblems } from '../store/problems.ts';
import type { Schema } from '../store/schema.ts';
import { inTransaction } from '../store/transaction.ts';
import type { FoundApplication } from './decide-applications.ts';
import type { FollowedSource } from './decide-sources.ts';
import type { Head } from './head.ts';
import type { Commit } from './mirror.ts';
import type { Scan } from './scan.ts';
import { writeApplications } from './write-applications.ts';
import { writeDeclarations } from './write-declarations.ts';
import { writeClusters, writeSources } from './write-declared.ts';
import { writePins } from './write-pins.ts';
import { lockSources, type PinsHead, rewriteProblem, writeHead, writePinsHead } from './write-source.ts';

/** What was seen of a source, outside of any transaction. */
export interface Seen {
  readonly source: string;
  readonly spec: FollowedSource;
  /** The head that this was decided on. */
  readonly before: string | null;
  readonly head: Head;
  /** At the head in force; null: nothing can be read, and what the database says stays. */
  readonly content: {
    readonly commit: Commit;
    readonly applications: Scan<FoundApplication>;
    /** The fleet's alone. */
    readonly declarations: Scan<Declaration> | null;
  } | null;
  /** The fleet's alone. */
  readonly pins: {
    readonly before: PinsHead;
    readonly head: Head;
    readonly content: { readonly commit: string; readonly scan: Scan<Pin> } | null;
  } | null;
  readonly at: Date;
  /** Of the trace that begins with what is new; null where nothing is, or no trace is kept. */
  readonly traceparent: string | null;
}

/** Whom to wake once it stands. */
export interface Taken {
  readonly releases: ReadonlySet<string>;
  readonly placements: ReadonlySet<string> | 'all';
  readonly promotions: ReadonlySet<string> | 'all';
  readonly sources: ReadonlySet<string>;
}

/** Kinds that a placement depends on; the rest waits for those who read it. */
const placementKinds = new Set(['Environment', 'Tenant', 'Cluster']);
/** Kinds that a promotion depends on. */
const promotionKinds = new Set(['Environment', 'Window', 'Cluster']);

/** Writes all that was seen of a source, in one transaction: it stands whole, or not at all (X1). */
export function take(db: Kysely<Schema>, seen: Seen): Promise<Taken> {
  return inTransaction(db, async (transaction) => {
    await lockSources(transaction);
    const { source, spec, head, content, pins, at, traceparent } = seen;
    await writeHead(transaction, source, seen.before, head, content?.commit ?? null, at);
    const origin = { source, commit: content?.commit.id ?? null };
    await replaceProblems(transaction, `source:${source}:head`, headProblems(seen), origin);

    const changedPins = pins === null ? [] : await takePins(transaction, source, pins, traceparent);
    if (content === null) {
      const pinned = new Set(changedPins);
      return { releases: pinned, placements: new Set<string>(), promotions: pinned, sources: new Set<string>() };
    }

    const { commit, applications, declarations } = content;
    const written = declarations === null ? null : await writeDeclarations(transaction, declarations, commit.id);
    const sources = written === null ? [] : await writeSources(transaction, written.inForce, commit.id, at);
    const clusters = written === null ? [] : await writeClusters(transaction, written.inForce, commit.id);
    const { changed, gone, problems } = await writeApplications(transaction, source, spec.tenants, applications.items, {
      commit: commit.id,
      at,
      traceparent,
    });
    const wronged = [...(declarations?.problems ?? []), ...applications.problems, ...problems];
    await replaceProblems(transaction, `source:${source}`, wronged, origin);

    const changedKinds = written?.changedKinds ?? new Set<string>();
    const touchesAll = (kinds: ReadonlySet<string>) =>
      clusters.length > 0 || [...changedKinds].some((kind) => kinds.has(kind));
    return {
      releases: new Set([...changed, ...changedPins]),
      placements: touchesAll(placementKinds) ? 'all' : new Set([...changed, ...gone]),
      promotions: touchesAll(promotionKinds) ? 'all' : new Set([...gone, ...changedPins]),
      // A name that is free now may be claimed where it was refused before.
      sources: new Set([...sources, ...(gone.length > 0 ? await refusedSources(transaction, source) : [])]),
    };
  });
}

/** A source that is declared no more: its applications are gone, and run on (G9). */
export function takeLeave(db: Kysely<Schema>, source: string, at: Date): Promise<Taken> {
  return inTransaction(db, async (transaction) => {
    await lockSources(transaction);
    const nothing = { commit: null, at, traceparent: null };
    const { gone } = await writeApplications(transaction, source, [], [], nothing);
    for (const scope of [`source:${source}`, `source:${source}:head`]) await replaceProblems(transaction, scope, []);
    const sources = gone.length > 0 ? await refusedSources(transaction, source) : [];
    const left = new Set(gone);
    return { releases: new Set<string>(), placements: left, promotions: left, sources: new Set(sources) };
  });
}

async function takePins(
  transaction: Transaction<Schema>,
  source: string,
  { before, head, content }: NonNullable<Seen['pins']>,
  traceparent: string | null,
): Promise<string[]> {
  if (head.failure === null && (head.commit !== before.commit || head.rewritten !== before.rewritten)) {
    await writePinsHead(transaction, { commit: head.commit ?? before.commit, rewritten: head.rewritten });
  }
  if (content === null) return [];
  const changed = await writePins(transaction, content.scan, content.commit, traceparent);
  const origin = { source, commit: content.commit };
  await replaceProblems(transaction, `source:${source}:pins`, content.scan.problems, origin);
  return changed;
}

function headProblems({ source, spec, head, before, pins }: Seen): Problem[] {
  const problems: Problem[] = [];
  if (head.rewritten !== null) problems.push(rewriteProblem(source, spec.branch, before, head.rewritten));
  if (pins === null || spec.pinsBranch === null || spec.pinsBranch === spec.branch) return problems;
  if (pins.head.rewritten !== null) {
    problems.push(rewriteProblem(source, spec.pinsBranch, pins.before.commit, pins.head.rewritten));
  }
  // An unreachable host is said once, in the source's own error.
  if (pins.head.failure !== null && head.failure === null) {
    const { code, message, remedy } = pins.head.failure;
    const place = { file: null, line: null, field: null } as const;
    problems.push({ ...place, code, severity: 'error', message: `pins: ${message}`, remedy: remedy ?? null });
  }
  return problems;
}

async function refusedSources(transaction: Transaction<Schema>, except: string): Promise<string[]> {
  const rows = await transaction
    .selectFrom('problems')
    .select('source')
    .distinct()
    .where('code', '=', 'application-duplicate')
    .where('source', '!=', except)
    .execute();
  return rows.flatMap(({ source }) => (source === null ? [] : [source]));
}
