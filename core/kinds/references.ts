import type { Problem } from '../errors.ts';
import { isBuiltIn } from '../render/builtin.ts';
import { type LabelSelector, type Labels, matches } from '../selector.ts';
import type { YamlPath } from '../yaml/positions.ts';
import { fieldOf } from '../yaml/positions.ts';
import type { DeclaredKind } from './kinds.ts';
import type { Application, Declaration } from './parse.ts';
import { remedyFor } from './suggest.ts';

/** A problem, and the source whose file it is in, where the origins name theirs. */
export type ReferenceProblem = Problem & { readonly source?: string };

/** What refers to others. It names its source where files of several are checked together. */
type Of<Item> = Item & { readonly source?: string };

/**
 * What is named and does not exist, what names itself or goes in a circle, and what matches nothing. Pure; the same
 * in the hub and in `fairway validate`.
 * @param clusters labels of every cluster that is known, by name; null: none are known, and no selector is checked
 */
export function checkReferences(
  declarations: readonly Of<Declaration>[],
  applications: readonly Of<Application>[],
  clusters: ReadonlyMap<string, Labels> | null,
): ReferenceProblem[] {
  const names = namesOf(declarations, applications);
  const labels = clusters === null ? null : [...clusters.values()];
  return [
    ...declarations.flatMap((declaration) => checkDeclaration(declaration, names, labels)),
    ...applications.flatMap((application) => checkApplication(application, names, labels)),
    ...circles(declarations, 'promotion-circle', ['spec', 'promotion', 'from'], (declaration) =>
      declaration.kind === 'Environment' ? declaration.spec.promotion.from : null,
    ),
    ...circles(applications, 'dependency-circle', ['spec', 'dependsOn'], ({ spec }) => spec.dependsOn),
  ];
}

type Names = Readonly<Record<DeclaredKind | 'Application', readonly string[]>>;

/** Where something is named: its file, and how to find the lines in it. */
type Origin = Of<Pick<Declaration, 'file' | 'lineOf'>> & { readonly line?: number };

function namesOf(declarations: readonly Declaration[], applications: readonly Application[]): Names {
  const of = (kind: DeclaredKind) =>
    declarations.filter((declaration) => declaration.kind === kind).map(({ name }) => name);
  return {
    Environment: of('Environment'),
    Source: of('Source'),
    Tenant: of('Tenant'),
    Cluster: of('Cluster'),
    RoleBinding: of('RoleBinding'),
    Window: of('Window'),
    Policy: of('Policy'),
    Template: of('Template'),
    Notification: of('Notification'),
    Application: applications.map(({ name }) => name),
  };
}

function checkDeclaration(
  declaration: Declaration,
  names: Names,
  labels: readonly Labels[] | null,
): ReferenceProblem[] {
  const missing = (kind: keyof Names, path: YamlPath, given: readonly string[]) =>
    missingNames(declaration, names, kind, path, given);
  switch (declaration.kind) {
    case 'Environment': {
      const { clusters, promotion, rollout } = declaration.spec;
      return [
        ...missing('Environment', ['spec', 'promotion', 'from'], promotion.from),
        ...missing('Window', ['spec', 'promotion', 'windows'], promotion.windows),
        ...unmatched(declaration, ['spec', 'clusters'], clusters, labels),
        ...(rollout.waves ?? []).flatMap((wave, index) =>
          wave.clusters === undefined
            ? []
            : unmatched(declaration, ['spec', 'rollout', 'waves', index, 'clusters'], wave.clusters, labels),
        ),
      ];
    }
    case 'Source':
      return missing('Tenant', ['spec', 'tenants'], declaration.spec.tenants);
    case 'Tenant':
      return missing('Environment', ['spec', 'environments'], withoutGlobs(declaration.spec.environments));
    case 'RoleBinding':
      return [
        ...missing('Tenant', ['spec', 'tenants'], withoutGlobs(declaration.spec.tenants)),
        ...missing('Environment', ['spec', 'environments'], withoutGlobs(declaration.spec.environments)),
      ];
    case 'Policy':
      return [
        ...missing('Environment', ['spec', 'match', 'environments'], withoutGlobs(declaration.spec.match.environments)),
        ...missing('Tenant', ['spec', 'match', 'tenants'], withoutGlobs(declaration.spec.match.tenants)),
      ];
    case 'Notification':
      return [
        ...missing('Environment', ['spec', 'environments'], withoutGlobs(declaration.spec.environments)),
        ...missing('Application', ['spec', 'applications'], withoutGlobs(declaration.spec.applications)),
      ];
    case 'Cluster':
    case 'Window':
    case 'Template':
      return [];
  }
}

function checkApplication(
  application: Application,
  names: Names,
  labels: readonly Labels[] | null,
): ReferenceProblem[] {
  const { spec, tenant } = application;
  const missing = (kind: keyof Names, path: YamlPath, given: readonly string[]) =>
    missingNames(application, names, kind, path, given);
  return [
    ...missing('Tenant', ['metadata', 'tenant'], tenant === null ? [] : [tenant]),
    ...missing('Environment', ['spec', 'environments'], spec.environments),
    ...missing('Application', ['spec', 'dependsOn'], spec.dependsOn),
    ...missing(
      'Template',
      ['spec', 'template'],
      spec.template === undefined || isBuiltIn(application) ? [] : [spec.template],
    ),
    ...spec.overrides.flatMap(({ clusters }, index) =>
      unmatched(application, ['spec', 'overrides', index, 'clusters'], clusters, labels),
    ),
  ];
}

function withoutGlobs(names: readonly string[]): readonly string[] {
  return names.filter((name) => !name.includes('*'));
}

/** @param path of the one name, or of the list of them */
function missingNames(
  origin: Origin,
  names: Names,
  kind: keyof Names,
  path: YamlPath,
  given: readonly string[],
): ReferenceProblem[] {
  const isList = path.at(-1) !== 'tenant' && path.at(-1) !== 'template';
  return given.flatMap((name, index) =>
    names[kind].includes(name)
      ? []
      : [
          problemAt(origin, isList ? [...path, index] : path, {
            code: 'reference-missing',
            severity: 'error',
            message: `there is no ${kind.toLowerCase()} ${JSON.stringify(name)}`,
            remedy: remedyFor(name, names[kind]) ?? `declare it, or take the name out`,
          }),
        ],
  );
}

function unmatched(
  origin: Origin,
  path: YamlPath,
  selector: LabelSelector,
  clusters: readonly Labels[] | null,
): ReferenceProblem[] {
  if (clusters === null || clusters.some((labels) => matches(selector, labels))) return [];
  const keys = [...new Set(clusters.flatMap((labels) => Object.keys(labels)))].sort();
  return [
    problemAt(origin, path, {
      code: 'selector-matches-nothing',
      severity: 'warning',
      message: 'no cluster has the labels that this selector asks for',
      remedy:
        keys.length === 0
          ? 'register a cluster with them: `fairway cluster register NAME --label KEY=VALUE`'
          : `the labels that clusters have are ${keys.slice(0, 20).join(', ')}`,
    }),
  ];
}

/** Names each member of each circle once, at the field that closes it. */
function circles<Item extends Origin & { readonly name: string }>(
  items: readonly Item[],
  code: string,
  path: YamlPath,
  nextOf: (item: Item) => readonly string[] | null,
): ReferenceProblem[] {
  const next = new Map<string, readonly string[]>();
  for (const item of items) {
    const names = nextOf(item);
    if (names !== null) next.set(item.name, names);
  }
  return items.flatMap((item) => {
    const circle = pathBack(item.name, next);
    if (circle === null || nextOf(item) === null) return [];
    return [
      problemAt(item, path, {
        code,
        severity: 'error',
        message: `${[item.name, ...circle].join(' → ')} goes in a circle`,
        remedy: 'take one of these names out',
      }),
    ];
  });
}

/** The shortest way from a name back to itself; null where there is none. */
function pathBack(start: string, next: ReadonlyMap<string, readonly string[]>): string[] | null {
  const seen = new Set<string>();
  let paths: string[][] = [[]];
  while (paths.length > 0) {
    const longer: string[][] = [];
    for (const path of paths) {
      for (const name of next.get(path.at(-1) ?? start) ?? []) {
        if (name === start) return [...path, name];
        if (seen.has(name)) continue;
        seen.add(name);
        longer.push([...path, name]);
      }
    }
    paths = longer;
  }
  return null;
}

function problemAt(
  origin: Origin,
  path: YamlPath,
  problem: Pick<Problem, 'code' | 'severity' | 'message' | 'remedy'>,
): ReferenceProblem {
  const { file, lineOf, line, source } = origin;
  const place = { file, line: lineOf?.(path) ?? line ?? null, field: fieldOf(path) };
  return { ...problem, ...place, ...(source === undefined ? {} : { source }) };
}
