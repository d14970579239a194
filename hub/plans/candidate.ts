import type { Kysely } from 'kysely';
import { FairwayError, type Problem } from '../../core/errors.ts';
import type { ApplicationSpec } from '../../core/kinds/application.ts';
import type { SourceSpec } from '../../core/kinds/source.ts';
import { releaseId } from '../../core/release.ts';
import { examine } from '../../core/render/examine.ts';
import type { Target } from '../releases/bundles.ts';
import type { Release, RenderContext } from '../releases/context.ts';
import { fetchCommit } from '../releases/prepared.ts';
import { locateApplication, readRelease } from '../releases/read.ts';
import { scanApplications } from '../sources/scan.ts';
import type { Schema } from '../store/schema.ts';
import { draftSide } from './draft-side.ts';
import { nothing, releaseSide, type Side } from './side.ts';

/** Something that an environment might run: a release, or a commit that could become one. */
export interface Candidate {
  readonly application: string;
  readonly tenant: string | null;
  /** The id that it has, or would have; null: nothing, for the application is taken away. */
  readonly release: string | null;
  /** Those that it says it is for. */
  readonly environments: readonly string[];
  /** False for a commit that the hub has made no release of. */
  readonly released: boolean;
  side(members: readonly Target[]): Promise<Side>;
}

/** What a commit has in store, and what is wrong with it. */
export interface Candidates {
  readonly candidates: readonly Candidate[];
  readonly problems: readonly Problem[];
}

/** A release as a candidate. */
export function releaseCandidate(context: RenderContext, release: Release, tenant: string | null): Candidate {
  return {
    application: release.application,
    tenant,
    release: release.id,
    environments: (release.spec as ApplicationSpec).environments ?? [],
    released: true,
    side: (members) => releaseSide(context, release, members),
  };
}

/**
 * Nothing of an application.
 * @param environments those that it may be taken away from
 */
export function removalCandidate(
  application: string,
  tenant: string | null,
  environments: readonly string[] = [],
): Candidate {
  return { application, tenant, release: null, environments, released: true, side: async () => nothing };
}

/**
 * One application at a commit that is no release.
 * @throws FairwayError `application-not-found` where it is not in the source at that commit; those of the mirror
 */
export async function draftOf(
  context: RenderContext,
  { name, source, path }: { readonly name: string; readonly source: string; readonly path: string | null },
  commit: string,
): Promise<Candidates> {
  const mirror = await context.mirrorOf(source);
  await fetchCommit(context.db, mirror, source, commit);
  const found = await locateApplication(mirror, commit, name, path, await foldersOf(context.db, source));
  if (found !== null) return readDraft(context, source, commit, found);
  throw new FairwayError('application-not-found', `The source ${source} has no application ${name} at ${commit}.`, {
    field: 'revision',
    remedy: 'name a commit that has it',
  });
}

/**
 * Every application of a source whose folder at a commit differs from the one that the hub knows.
 * @throws FairwayError `source-not-found`, `commit-missing` and what else the mirror says
 */
export async function draftsOf(context: RenderContext, source: string, commit: string): Promise<Candidates> {
  const mirror = await context.mirrorOf(source);
  await fetchCommit(context.db, mirror, source, commit);
  const scan = await scanApplications(mirror, commit, await foldersOf(context.db, source), null);
  const known = await context.db
    .selectFrom('applications')
    .select(['path', 'tree'])
    .where('source', '=', source)
    .where('removed_at', 'is', null)
    .execute();
  const trees = new Map(known.map(({ path, tree }) => [path, tree]));
  const drafts: Candidates[] = [];
  for (const { path, tree, application } of scan.items)
    if (application !== null && trees.get(path) !== tree) drafts.push(await readDraft(context, source, commit, path));
  return {
    candidates: drafts.flatMap(({ candidates }) => candidates),
    problems: [...scan.problems, ...drafts.flatMap(({ problems }) => problems)],
  };
}

async function readDraft(context: RenderContext, source: string, commit: string, path: string): Promise<Candidates> {
  const mirror = await context.mirrorOf(source);
  const { prepared, problems } = await readRelease(mirror, commit, path);
  if (prepared === null) return { candidates: [], problems };
  const found = [...problems, ...examine(prepared)];
  if (found.some(({ severity }) => severity === 'error')) return { candidates: [], problems: found };
  const { name, tenant, spec } = prepared.application;
  const candidate: Candidate = {
    application: name,
    tenant,
    release: releaseId(name, commit),
    environments: spec.environments,
    released: false,
    side: (members) => draftSide(prepared, members),
  };
  return { candidates: [candidate], problems: found };
}

/** The folders of a source in which applications are looked for. */
async function foldersOf(db: Kysely<Schema>, source: string): Promise<readonly string[]> {
  const row = await db.selectFrom('sources').select('spec').where('name', '=', source).executeTakeFirst();
  return (row?.spec as Partial<SourceSpec> | undefined)?.paths ?? ['.'];
}
