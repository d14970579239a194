import type { Problem } from '../errors.ts';
import type { Labels } from '../selector.ts';
import type { YamlPath } from '../yaml/positions.ts';
import type { ApplicationSpec } from './application.ts';
import { type DeclaredKind, type DeclaredSpecs, declarationFolders, isYamlFile, pinsFolder } from './kinds.ts';
import type { PinSpec } from './pin.ts';
import { type Resource, readResources } from './resource.ts';

export type Declaration = {
  readonly [Kind in DeclaredKind]: Declared<Kind>;
}[DeclaredKind];

interface Declared<Kind extends DeclaredKind> {
  readonly kind: Kind;
  readonly name: string;
  readonly labels: Labels;
  /** Defaults applied. */
  readonly spec: DeclaredSpecs[Kind];
  readonly file: string;
  readonly line: number;
  /** The line of a field, by its path from the root of the document; absent where the file is not at hand. */
  readonly lineOf?: (path: YamlPath) => number;
}

const declaredKinds: readonly DeclaredKind[] = [
  'Environment',
  'Source',
  'Tenant',
  'Cluster',
  'RoleBinding',
  'Window',
  'Policy',
  'Template',
  'Notification',
];

/**
 * Reads the declarations among a fleet repository's files (those in `declarationFolders`; others are passed over).
 * A broken document yields problems and no declaration; one that is declared twice, neither of the two (G6).
 * @param files by path from the root of the repository
 */
export function parseDeclarations(files: ReadonlyMap<string, Uint8Array>): {
  declarations: Declaration[];
  problems: Problem[];
} {
  const { resources, problems } = readFolder(files, declarationFolders, declaredKinds);
  const declarations = resources.map(
    ({ kind, metadata, spec, file, line, lineOf }) =>
      ({ kind, name: metadata.name, labels: metadata.labels, spec, file, line, lineOf }) as Declaration,
  );
  const { single, problems: repeated } = withoutRepeated(
    declarations,
    ({ kind, name }) => `${kind} ${name}`,
    (one, other) => ({
      code: 'declared-twice',
      field: 'metadata.name',
      line: one.lineOf?.(['metadata', 'name']) ?? one.line,
      message: `${one.kind} ${one.name} is declared in ${other.file} too (line ${other.line})`,
      remedy: 'keep one of them; until then the last good one stays in force',
    }),
  );
  return { declarations: single, problems: [...problems, ...repeated] };
}

export interface Pin {
  readonly environment: string;
  readonly application: string;
  readonly spec: PinSpec;
  readonly file: string;
  readonly line: number;
}

/**
 * Reads the pins among the files of the pins' branch, those below `pins/`. Two pins of one environment and
 * application count as none.
 */
export function parsePins(files: ReadonlyMap<string, Uint8Array>): { pins: Pin[]; problems: Problem[] } {
  const { resources, problems } = readFolder(files, [pinsFolder], ['Pin']);
  const pins = resources.map(({ metadata, spec, file, line }) => ({
    environment: metadata.environment as string,
    application: metadata.application as string,
    ...{ spec: spec as PinSpec, file, line },
  }));
  const { single, problems: repeated } = withoutRepeated(
    pins,
    ({ environment, application }) => `${environment} ${application}`,
    (one, other) => ({
      code: 'pinned-twice',
      field: 'metadata',
      line: one.line,
      message: `${one.application} is pinned in ${one.environment} by ${other.file} too`,
      remedy: 'keep one of them; until then the last good one stays in force',
    }),
  );
  return { pins: single, problems: [...problems, ...repeated] };
}

export interface Application {
  readonly name: string;
  readonly tenant: string | null;
  readonly spec: ApplicationSpec;
  readonly file: string;
  readonly line?: number;
  /** As of a declaration. */
  readonly lineOf?: (path: YamlPath) => number;
}

/** Reads one `app.yaml`, of exactly one document; null where it has errors. Its folder is that of `file`. */
export function parseApplication(
  file: string,
  content: Uint8Array,
): { application: Application | null; problems: Problem[] } {
  const { resources, problems } = readResources(file, content, ['Application']);
  const [resource, second] = resources;
  if (problems.length > 0) return { application: null, problems };
  if (resource === undefined || second !== undefined) {
    const message = resource === undefined ? 'the file declares nothing' : 'the file declares a second application';
    const remedy = 'write one document of kind Application';
    const line = second?.line ?? null;
    const problem = { code: 'application-count', severity: 'error', file, line, field: null, message, remedy } as const;
    return { application: null, problems: [problem] };
  }
  const { metadata, spec, line, lineOf } = resource;
  const application: Application = {
    name: metadata.name as string,
    tenant: (metadata.tenant as string | undefined) ?? null,
    spec: spec as ApplicationSpec,
    ...{ file, line, lineOf },
  };
  return { application, problems };
}

function readFolder<Of extends Parameters<typeof readResources>[2][number]>(
  files: ReadonlyMap<string, Uint8Array>,
  folders: readonly string[],
  kinds: readonly Of[],
): { resources: Resource<Of>[]; problems: Problem[] } {
  const resources: Resource<Of>[] = [];
  const problems: Problem[] = [];
  for (const [file, content] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!isYamlFile(file) || !folders.some((folder) => file.startsWith(`${folder}/`))) continue;
    const found = readResources(file, content, kinds);
    resources.push(...found.resources);
    problems.push(...found.problems);
  }
  return { resources, problems };
}

/** Leaves out what has the same key as another, and tells each about the other. */
function withoutRepeated<Item extends { readonly file: string }>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  describe: (one: Item, other: Item) => Pick<Problem, 'code' | 'field' | 'line' | 'message' | 'remedy'>,
): { single: Item[]; problems: Problem[] } {
  const byKey = Map.groupBy(items, keyOf);
  const single: Item[] = [];
  const problems: Problem[] = [];
  for (const item of items) {
    const other = byKey.get(keyOf(item))?.find((candidate) => candidate !== item);
    if (other === undefined) single.push(item);
    else problems.push({ severity: 'error', file: item.file, ...describe(item, other) });
  }
  return { single, problems };
}
