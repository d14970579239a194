import type { Kysely } from 'kysely';
import { FairwayError } from '../../core/errors.ts';
import type { Release, RenderContext } from '../releases/context.ts';
import { fleetSource } from '../sources/decide-sources.ts';
import type { Schema } from '../store/schema.ts';
import { type Candidates, draftOf, draftsOf, releaseCandidate } from './candidate.ts';

/** What somebody wants to see the effect of. */
export interface Wanted {
  readonly application?: string | undefined;
  /** A commit, or what one begins with where it is a release. */
  readonly revision?: string | undefined;
  readonly source?: string | undefined;
}

/**
 * What is named: the newest release of an application, its release of a revision, or a commit that is no release, of
 * one application or of a whole source.
 * @throws FairwayError `application-missing`, `application-not-found`, `release-not-found`, `revision-ambiguous`,
 * `revision-not-found`, and those of the mirror
 */
export async function findCandidates(context: RenderContext, wanted: Wanted): Promise<Candidates> {
  const { application, revision, source } = wanted;
  if (application === undefined) {
    if (revision === undefined) {
      throw new FairwayError('application-missing', 'neither an application nor a revision is named', {
        field: 'application',
        remedy: 'name an application, or the commit of a source',
      });
    }
    return draftsOf(context, source ?? fleetSource, wholeCommit(revision));
  }
  const { db } = context;
  const known = await db.selectFrom('applications').selectAll().where('name', '=', application).executeTakeFirst();
  if (known === undefined && source === undefined) throw unknownApplication(application);
  const release = await findRelease(db, application, revision, known?.newest_release ?? null);
  if (release !== null) {
    return { candidates: [releaseCandidate(context, release, known?.tenant ?? null)], problems: [] };
  }
  if (revision === undefined) {
    throw new FairwayError('release-not-found', `There is no release of ${application} yet.`, {
      field: 'application',
      remedy: 'see what keeps it from one with `fairway status`',
    });
  }
  const folder = { name: application, source: source ?? known?.source ?? fleetSource, path: known?.path ?? null };
  return draftOf(context, folder, wholeCommit(revision));
}

/** @throws FairwayError `revision-ambiguous` */
async function findRelease(
  db: Kysely<Schema>,
  application: string,
  revision: string | undefined,
  newest: string | null,
): Promise<Release | null> {
  const releases = db.selectFrom('releases').selectAll().where('application', '=', application);
  if (revision === undefined) return (await releases.where('id', '=', newest).executeTakeFirst()) ?? null;
  const found = await releases.where('commit', 'like', `${revision}%`).limit(2).execute();
  if (found.length < 2) return found[0] ?? null;
  throw new FairwayError('revision-ambiguous', `${found.map(({ id }) => id).join(' and ')} both begin so.`, {
    field: 'revision',
    remedy: 'name more of the commit',
  });
}

/** @throws FairwayError `revision-not-found` */
function wholeCommit(revision: string): string {
  if (revision.length === 40 || revision.length === 64) return revision;
  throw new FairwayError('revision-not-found', `No release begins with ${revision}.`, {
    field: 'revision',
    remedy: 'name a commit that is no release by its whole id; list releases with `fairway releases`',
  });
}

/** The answer to the name of an application that the hub does not know, or that the caller may not see. */
export function unknownApplication(application: string, field = 'application'): FairwayError {
  return new FairwayError('application-not-found', `There is no application ${JSON.stringify(application)}.`, {
    field,
    remedy: 'list them with `fairway status applications`, or name the source of one that is new',
  });
}
