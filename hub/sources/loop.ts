import type { Attributes } from '@opentelemetry/api';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { FairwayError, messageOf } from '../../core/errors.ts';
import { wholeFleet } from '../fleet/check-loop.ts';
import { wakePlacements } from '../fleet/context.ts';
import type { Loop, Loops } from '../queue/loops.ts';
import type { Schema } from '../store/schema.ts';
import { type FollowedSource, fleetSource, followedSource } from './decide-sources.ts';
import { followHead, type Head } from './head.ts';
import type { Mirror } from './mirror.ts';
import { scanApplications, scanDeclarations, scanPins } from './scan.ts';
import { type Seen, type Taken, take, takeLeave } from './take.ts';
import { type PinsHead, readPinsHead } from './write-source.ts';

export interface SourceLoopContext {
  readonly db: Kysely<Schema>;
  readonly loops: Loops;
  readonly mirrorOf: (source: string) => Promise<Mirror>;
  readonly allowPlainHttp: boolean;
  readonly now: () => number;
  /** Is called when sources appeared, changed or went. */
  readonly onSourcesChanged: () => void;
}

/**
 * The `source` loop: Git → commits. Key: a source. It looks at the remote, and takes a new head whole: declarations,
 * pins and applications in one transaction. What the remote does wrong is written down, and stops nothing else (G8).
 */
export function sourceLoop(context: SourceLoopContext): Loop {
  const { db, now } = context;
  const remembered = new Map<string, Remembered>();
  /** What was said last of each source that is not in order. */
  const told = new Map<string, string>();
  return {
    name: 'source',
    // Hosts that do not answer hold their places until the time-out.
    concurrency: 16,
    keys: async () => (await db.selectFrom('sources').select('name').execute()).map(({ name }) => name),
    async reconcile(source, { log, span }) {
      const row = await db.selectFrom('sources').selectAll().where('name', '=', source).executeTakeFirst();
      if (row === undefined) return undefined;
      if (row.removed_at !== null) {
        remembered.delete(source);
        await wake(context, await takeLeave(db, source, new Date(now())));
        return undefined;
      }
      const spec = followedSource(row.origin, row.spec);
      const seen = await look(context, remembered, source, spec, row.head);
      const journey = isNews(seen) ? span('source', { parent: null, attributes: describe(seen) }) : null;
      await wake(context, await take(db, { ...seen, traceparent: journey?.traceparent ?? null }));
      report(log, seen, told);
      return undefined;
    },
  };
}

type Looked = Omit<Seen, 'traceparent'>;

/** True where a head has moved: a trace begins, of all that comes of it. */
function isNews({ head, before, pins }: Looked): boolean {
  const isNew = (commit: string | null, known: string | null) => commit !== null && commit !== known;
  return isNew(head.commit, before) || (pins !== null && isNew(pins.head.commit, pins.before.commit));
}

function describe({ source, spec, head }: Looked): Attributes {
  return {
    'fairway.source': source,
    'vcs.ref.head.name': spec.branch,
    ...(head.commit === null ? {} : { 'vcs.ref.head.revision': head.commit }),
  };
}

/** What was read at a commit, so that an unchanged head costs no second reading. */
interface Remembered {
  readonly key: string;
  readonly url: string;
  readonly content: NonNullable<Seen['content']>;
}

async function look(
  context: SourceLoopContext,
  remembered: Map<string, Remembered>,
  source: string,
  spec: FollowedSource,
  before: string | null,
): Promise<Looked> {
  const at = new Date(context.now());
  let mirror: Mirror;
  try {
    mirror = await context.mirrorOf(source);
  } catch (thrown) {
    if (!(thrown instanceof FairwayError)) throw thrown;
    return {
      source,
      spec,
      before,
      at,
      head: { commit: null, rewritten: null, failure: thrown },
      content: null,
      pins: null,
    };
  }
  const { branch, pinsBranch } = spec;
  const following = followHead(mirror, branch, before);
  const [head, pins] = await Promise.all([
    following,
    pinsBranch === null ? null : lookAtPins(context.db, mirror, pinsBranch, pinsBranch === branch ? following : null),
  ]);
  const looked = { source, spec, before, at, pins };
  if (head.commit === null) return { ...looked, head, content: null };
  try {
    const content = await readContent(context, remembered, mirror, source, spec, head.commit);
    return { ...looked, head, content };
  } catch (thrown) {
    return { ...looked, head: unreadable(head, thrown), content: null };
  }
}

/** A commit that cannot be read changes nothing: what was taken before stays in force, and the source says why. */
function unreadable({ commit, rewritten }: Head, thrown: unknown): Head {
  const message = `the commit ${commit?.slice(0, 12)} cannot be read: ${messageOf(thrown)}`;
  const failure = thrown instanceof FairwayError ? thrown : new FairwayError('commit-unreadable', message);
  return { commit: null, rewritten, failure };
}

async function readContent(
  { allowPlainHttp }: SourceLoopContext,
  remembered: Map<string, Remembered>,
  mirror: Mirror,
  source: string,
  spec: FollowedSource,
  commit: string,
): Promise<Remembered['content']> {
  const key = JSON.stringify([commit, spec.url, spec.paths]);
  const known = remembered.get(source);
  if (known?.key === key) return known.content;
  const previous = known?.url === spec.url ? known.content.applications : null;
  const [described, applications, declarations] = await Promise.all([
    mirror.commit(commit),
    scanApplications(mirror, commit, spec.paths, previous),
    source === fleetSource ? scanDeclarations(mirror, commit, allowPlainHttp) : null,
  ]);
  const content = { commit: described, applications, declarations };
  remembered.set(source, { key, url: spec.url, content });
  return content;
}

/**
 * The pins' branch may not be there yet. One that was there and is not keeps its pins.
 * @param main the head of the source's own branch, where pins stand there too
 */
async function lookAtPins(
  db: Kysely<Schema>,
  mirror: Mirror,
  pinsBranch: string,
  main: Promise<Head> | null,
): Promise<Seen['pins']> {
  const before: PinsHead = await readPinsHead(db);
  const head = await (main ?? followHead(mirror, pinsBranch, before.commit));
  if (before.commit === null && head.failure?.code === 'branch-missing') {
    return { before, head: { commit: null, rewritten: null, failure: null }, content: null };
  }
  if (head.commit === null) return { before, head, content: null };
  try {
    return { before, head, content: { commit: head.commit, scan: await scanPins(mirror, head.commit) } };
  } catch (thrown) {
    return { before, head: unreadable(head, thrown), content: null };
  }
}

async function wake(
  { db, loops, onSourcesChanged }: SourceLoopContext,
  { releases, placements, promotions, sources }: Taken,
): Promise<void> {
  await Promise.all([
    loops.wake('check', wholeFleet),
    ...[...releases].map((name) => loops.wake('release', name)),
    placements === 'all'
      ? wakePlacements({ db, loops })
      : Promise.all([...placements].map((name) => loops.wake('placement', name))),
    ...(promotions === 'all' ? await applicationsOf(db) : [...promotions]).map((name) => loops.wake('promotion', name)),
    ...[...sources].map((name) => loops.wake('source', name)),
  ]);
  if (sources.size > 0) onSourcesChanged();
}

async function applicationsOf(db: Kysely<Schema>): Promise<string[]> {
  return (await db.selectFrom('applications').select('name').execute()).map(({ name }) => name);
}

/** Says what is news to this process; what stands is in the database. */
function report(log: Logger, { source, before, head }: Looked, told: Map<string, string>): void {
  const trouble = head.failure?.code ?? head.rewritten;
  if (trouble === null) {
    if (told.delete(source)) log.info({ source }, 'a source is in order again');
    if (head.commit !== before) log.info({ source, commit: head.commit }, 'a new head is taken');
    return;
  }
  if (told.get(source) === trouble) return;
  told.set(source, trouble);
  if (head.failure === null) log.warn({ source, commit: head.rewritten }, 'a rewritten head is not followed');
  else log.warn({ source, code: head.failure.code, error: head.failure.message }, 'a source cannot be read');
}
