import { sql, type Transaction } from 'kysely';
import type { Problem } from '../../core/errors.ts';
import type { ApplicationSpec } from '../../core/kinds/application.ts';
import { type ReleaseStep, releaseId } from '../../core/release.ts';
import { examine } from '../../core/render/examine.ts';
import type { OpenSpan } from '../../telemetry/spans.ts';
import { record } from '../audit/ledger.ts';
import { publishNews } from '../link/news-publish.ts';
import type { LoopContext } from '../queue/loops.ts';
import type { Commit, Mirror } from '../sources/mirror.ts';
import type { Schema } from '../store/schema.ts';
import { readRelease } from './read.ts';

/** A release that is good, and not yet written. */
export interface NewRelease extends ReleaseStep {
  readonly id: string;
  readonly application: string;
  readonly tenant: string | null;
  readonly spec: ApplicationSpec;
  readonly source: string;
  readonly path: string;
  readonly tree: string;
  readonly details: Commit;
}

/** Of a commit with thousands of mistakes, so many are told. */
const problemLimit = 100;
/** The longest commit message that is kept. */
const messageLimit = 4000;

/**
 * Reads and examines an application at a commit: everything that is wrong with it whatever the cluster is found
 * here. Null where it is broken; then it becomes no release, and the last good one stays in force (G6).
 */
export async function readNewRelease(
  mirror: Mirror,
  application: string,
  source: string,
  path: string,
  step: ReleaseStep,
): Promise<{ release: NewRelease | null; problems: readonly Problem[] }> {
  const { commit } = step;
  const { prepared, problems } = await readRelease(mirror, commit, path);
  if (prepared === null) return { release: null, problems: worstOf(problems) };
  const { name, tenant, spec, file } = prepared.application;
  if (name !== application) return { release: null, problems: [renamed(file, application, name)] };
  const found = worstOf([...problems, ...examine(prepared)]);
  if (found.some(({ severity }) => severity === 'error')) return { release: null, problems: found };
  const [details, tree] = await Promise.all([mirror.commit(commit), mirror.treeId(commit, path)]);
  const id = releaseId(application, commit);
  return {
    release: { ...step, id, application, tenant, spec, source, path, tree: tree ?? '', details },
    problems: found,
  };
}

/** The errors before the warnings, and no more than people read. */
function worstOf(problems: readonly Problem[]): readonly Problem[] {
  const errors = problems.filter(({ severity }) => severity === 'error');
  return [...errors, ...problems.filter(({ severity }) => severity === 'warning')].slice(0, problemLimit);
}

/**
 * Opens the span of making a release.
 * @param parent of the trace that began with the commit, or with its pin
 */
export function openRelease(
  span: LoopContext['span'],
  parent: string | null,
  application: string,
  commit: string,
): OpenSpan {
  const attributes = {
    'fairway.application': application,
    'fairway.release': releaseId(application, commit),
    'vcs.ref.head.revision': commit,
  };
  return span('release', { parent, attributes });
}

/**
 * Writes a release with its ledger row and event (U1). Where it is there already, nothing happens.
 * @param traceparent of the span that made it
 */
export async function writeRelease(
  transaction: Transaction<Schema>,
  release: NewRelease,
  traceparent: string | null,
): Promise<void> {
  const { id, application, source, commit, tree, path, origin, details } = release;
  const inserted = await transaction
    .insertInto('releases')
    .values({
      ...{ id, application, source, commit, tree, path, origin },
      spec: JSON.stringify(release.spec),
      author: clean(details.author),
      message: clean(details.message).slice(0, messageLimit),
      committed_at: new Date(details.committedAt),
      traceparent,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  if (inserted === undefined) return;
  await record(transaction, [
    {
      ...{ actor: 'hub', action: 'release.create', subject: `release/${id}` },
      ...{ application, release: id, commit, detail: { source, path, tree, origin } },
    },
  ]);
  const [title = ''] = clean(details.message).split('\n');
  const event = await transaction
    .insertInto('events')
    .values({
      ...{ at: sql<Date>`now()`, cluster: null, application, environment: null, release: id },
      ...{ type: 'release', severity: 'info', message: `release ${id}: ${title.slice(0, 200)}` },
      data: JSON.stringify({ source, commit, origin, author: clean(details.author) }),
      ...{ epoch: null, sequence: null },
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await publishNews(transaction, { type: 'event', event: event.id });
}

/** PostgreSQL keeps no NUL in a text. */
function clean(text: string): string {
  return text.replaceAll('\0', '');
}

function renamed(file: string, application: string, name: string): Problem {
  const message = `${file} declares ${name} at this commit, and not ${application}`;
  return {
    ...{ code: 'application-renamed', severity: 'error', file, line: null, field: 'metadata.name' },
    ...{ message, remedy: null },
  };
}
