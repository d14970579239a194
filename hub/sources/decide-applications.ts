import type { Problem } from '../../core/errors.ts';
import type { Application } from '../../core/kinds/parse.ts';

/** An `app.yaml` at a commit. */
export interface FoundApplication {
  readonly file: string;
  /** Its folder; '' is the root. */
  readonly path: string;
  /** Id of that folder's tree (G2). */
  readonly tree: string;
  /** Null where the file is broken. */
  readonly application: Application | null;
}

/** An application as the hub knows it, of whatever source. */
export interface KnownApplication {
  readonly name: string;
  readonly source: string;
  readonly path: string;
  readonly tree: string;
  readonly tenant: string | null;
  readonly removed: boolean;
}

interface ApplicationChange {
  readonly type: 'appeared' | 'returned' | 'moved' | 'changed';
  readonly name: string;
  readonly tenant: string | null;
  readonly path: string;
  readonly tree: string;
}

export interface ApplicationDecision {
  readonly changes: readonly ApplicationChange[];
  /** Names whose folder is gone (G9). */
  readonly gone: readonly string[];
  readonly problems: readonly Problem[];
}

/**
 * Which applications a source holds now. A name belongs to the folder that had it first; a broken or refused
 * `app.yaml` leaves what was there as it was (G6).
 * @param tenants those whose applications may come from this source; empty: any
 */
export function decideApplications(
  source: string,
  tenants: readonly string[],
  found: readonly FoundApplication[],
  known: readonly KnownApplication[],
): ApplicationDecision {
  const problems: Problem[] = [];
  const present = known.filter(({ removed }) => !removed);
  const holders = new Map(present.map((application) => [application.name, application]));
  const byName = new Map(known.map((application) => [application.name, application]));
  const untouched = new Set(found.filter(({ application }) => application === null).map(({ path }) => path));

  const candidates: Candidate[] = [];
  for (const { application, ...place } of found) {
    if (application === null) continue;
    const { name, tenant } = application;
    if (tenants.length > 0 && (tenant === null || !tenants.includes(tenant))) {
      untouched.add(place.path);
      problems.push(refusedTenant(source, tenants, place.file, name, tenant));
    } else if (isOthers(byName.get(name), source, tenant)) {
      untouched.add(place.path);
      problems.push(refusedName(place.file, byName.get(name) as KnownApplication));
    } else {
      candidates.push({ ...place, name, tenant });
    }
  }

  const changes: ApplicationChange[] = [];
  const held = new Set<string>();
  for (const [name, claimants] of Map.groupBy(candidates, (candidate) => candidate.name)) {
    const holder = holders.get(name);
    const elsewhere = holder !== undefined && holder.source !== source ? holder : null;
    const first =
      elsewhere === null ? (claimants.find(({ path }) => path === holder?.path) ?? claimants[0]) : undefined;
    const place = elsewhere ?? (first as Candidate);
    for (const other of claimants) {
      if (other !== first) problems.push(duplicate(other, place.path, elsewhere?.source ?? null));
    }
    if (first === undefined) continue;
    held.add(name);
    const before = byName.get(name);
    const type = changeOf(source, first, before);
    if (type !== null) changes.push({ type, name, tenant: first.tenant, path: first.path, tree: first.tree });
  }

  const gone = present
    .filter((application) => application.source === source)
    .filter(({ name, path }) => !held.has(name) && !untouched.has(path))
    .map(({ name }) => name);
  return { changes, gone, problems };
}

interface Candidate extends Omit<FoundApplication, 'application'> {
  readonly name: string;
  readonly tenant: string | null;
}

/** True for a name that is free, though what it stood for may still run, for somebody else (G9, A10). */
function isOthers(before: KnownApplication | undefined, source: string, tenant: string | null): boolean {
  return before?.removed === true && before.source !== source && before.tenant !== tenant;
}

function changeOf(
  source: string,
  { path, tree }: Candidate,
  before: KnownApplication | undefined,
): ApplicationChange['type'] | null {
  if (before === undefined) return 'appeared';
  if (before.removed) return 'returned';
  if (before.source !== source || before.path !== path) return 'moved';
  return before.tree === tree ? null : 'changed';
}

function duplicate({ file, name }: Candidate, path: string, source: string | null): Problem {
  const place = `${path === '' ? '' : `${path}/`}app.yaml${source === null ? '' : ` of the source ${source}`}`;
  return {
    code: 'application-duplicate',
    severity: 'error',
    file,
    line: null,
    field: 'metadata.name',
    message: `${file} and ${place} both declare the application ${name}`,
    remedy: `give one of them another name; until then ${place} is in force`,
  };
}

function refusedName(file: string, { name, source, tenant }: KnownApplication): Problem {
  const whose = tenant === null ? 'had no tenant' : `was that of the tenant ${tenant}`;
  return {
    code: 'application-tenant-changed',
    severity: 'error',
    file,
    line: null,
    field: 'metadata.name',
    message: `the application ${name} of the source ${source} ${whose}, and may still run`,
    remedy: 'choose another name; or let its file there name the new tenant before it moves',
  };
}

function refusedTenant(
  source: string,
  tenants: readonly string[],
  file: string,
  name: string,
  tenant: string | null,
): Problem {
  const whose = tenant === null ? 'no tenant' : `the tenant ${tenant}`;
  return {
    code: 'application-tenant-refused',
    severity: 'error',
    file,
    line: null,
    field: 'metadata.tenant',
    message: `the application ${name} has ${whose}, and the source ${source} may hold those of ${tenants.join(', ')} alone`,
    remedy: 'move the application to another source, or have the tenant added to the source',
  };
}
