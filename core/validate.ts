import type { Problem } from './errors.ts';
import { applicationFile, fleetApplications, isYamlFile } from './kinds/kinds.ts';
import { type Application, type Declaration, parseApplication, parseDeclarations, parsePins } from './kinds/parse.ts';
import { checkReferences } from './kinds/references.ts';
import { examine } from './render/examine.ts';
import { folderOf } from './render/files.ts';
import { type Prepared, prepare } from './render/prepare.ts';
import { render, renderKey } from './render/render.ts';
import { type Labels, matches } from './selector.ts';

/**
 * Everything that can be said of a fleet repository's tree without a hub: its declarations, pins, applications and
 * references; and each application rendered as it stands, with each of its overrides, and for every declared
 * cluster of its environments.
 * @param files by path from the root of the repository
 * @returns by file and line; empty: all is well
 */
export function validateFleet(files: ReadonlyMap<string, Uint8Array>): Problem[] {
  const { declarations, problems } = parseDeclarations(files);
  const applications: Application[] = [];
  for (const [file, content] of files) {
    if (!isApplicationFile(file)) continue;
    const parsed = parseApplication(file, content);
    problems.push(...parsed.problems);
    if (parsed.application !== null) applications.push(parsed.application);
  }
  const clusters = clustersOf(declarations);
  problems.push(
    ...parsePins(files).problems,
    ...repeatedNames(applications),
    ...(declarations.length > 0 ? strayApplications(applications) : []),
    ...checkReferences(declarations, applications, clusters.size === 0 ? null : clusters),
    ...applications.flatMap((application) => checkRenders(application, files, declarations, clusters)),
  );
  return problems.sort(byPlace);
}

function isApplicationFile(file: string): boolean {
  const parts = file.split('/');
  return parts.at(-1) === applicationFile && isYamlFile(file) && !parts.some((part) => part.startsWith('.'));
}

function clustersOf(declarations: readonly Declaration[]): Map<string, Labels> {
  return new Map(
    declarations.filter(({ kind }) => kind === 'Cluster').map(({ name, labels }): [string, Labels] => [name, labels]),
  );
}

function repeatedNames(applications: readonly Application[]): Problem[] {
  return applications.flatMap((application) => {
    const other = applications.find(({ name, file }) => name === application.name && file !== application.file);
    if (other === undefined) return [];
    const line = application.lineOf?.(['metadata', 'name']) ?? null;
    return [
      {
        ...{ code: 'application-duplicate', severity: 'error', file: application.file, line, field: 'metadata.name' },
        message: `${other.file} declares the application ${application.name} too`,
        remedy: 'give one of them another name',
      } satisfies Problem,
    ];
  });
}

/** A fleet repository's applications are read under its own folders; a repository without declarations is some source's. */
function strayApplications(applications: readonly Application[]): Problem[] {
  return applications
    .filter(({ file }) => !fleetApplications.some((folder) => file.startsWith(`${folder}/`)))
    .map(({ name, file }) => ({
      ...{ code: 'application-elsewhere', severity: 'warning', file, line: null, field: null },
      message: `no hub reads the application ${name} here: those of a fleet repository stand under ${fleetApplications.join(', ')}/`,
      remedy: `move it to ${fleetApplications[0]}/${name}/${applicationFile}, or declare a source that has this folder among its paths`,
    }));
}

function checkRenders(
  application: Application,
  files: ReadonlyMap<string, Uint8Array>,
  declarations: readonly Declaration[],
  clusters: ReadonlyMap<string, Labels>,
): Problem[] {
  const { prepared, problems } = prepare(application, files);
  if (prepared === null) return problems;
  const found = new Map<string, Problem>();
  const rendered = [...problems, ...examine(prepared), ...renderForClusters(prepared, declarations, clusters)];
  for (const problem of rendered) found.set(JSON.stringify(problem), problem);
  return [...found.values()];
}

/** Renders an application for the declared clusters of its environments, once for all that share a render. */
function renderForClusters(
  prepared: Prepared,
  declarations: readonly Declaration[],
  clusters: ReadonlyMap<string, Labels>,
): Problem[] {
  const { application } = prepared;
  const problems: Problem[] = [];
  const keys = new Set<string>();
  const environmentOf = new Map<string, string>();
  for (const environment of declarations) {
    if (environment.kind !== 'Environment' || !application.spec.environments.includes(environment.name)) continue;
    for (const [name, labels] of clusters) {
      if (!matches(environment.spec.clusters, labels)) continue;
      const other = environmentOf.get(name);
      if (other !== undefined) problems.push(inTwoEnvironments(application, name, other, environment.name));
      environmentOf.set(name, environment.name);
      const target = { cluster: { name, labels }, environment: environment.name };
      const key = renderKey(prepared, target);
      if (keys.has(key)) continue;
      keys.add(key);
      problems.push(...render(prepared, target).problems);
    }
  }
  return problems;
}

function inTwoEnvironments(application: Application, cluster: string, one: string, other: string): Problem {
  return {
    code: 'cluster-in-two-environments',
    severity: 'error',
    file: application.file,
    line: application.lineOf?.(['spec', 'environments']) ?? null,
    field: 'spec.environments',
    message: `cluster ${cluster} is in the environments ${one} and ${other} of ${application.name}`,
    remedy: `let their selectors part, or take one of them out of ${folderOf(application.file)}/${applicationFile}`,
  };
}

function byPlace(one: Problem, other: Problem): number {
  const [a, b] = [one.file ?? '', other.file ?? ''];
  if (a !== b) return a < b ? -1 : 1;
  return (one.line ?? 0) - (other.line ?? 0);
}
