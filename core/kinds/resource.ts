import { type TSchema, Type } from 'typebox';
import type { Problem } from '../errors.ts';
import { fieldOf, type YamlPath } from '../yaml/positions.ts';
import { parseYaml, type YamlDocument } from '../yaml/yaml.ts';
import { check, isMap } from './check.ts';
import { apiVersion, homes, type Kind, specSchemas } from './kinds.ts';
import { Name } from './scalars.ts';
import { Labels } from './selector.ts';
import { remedyFor } from './suggest.ts';

/** Of a file with thousands of mistakes, so many are told. */
const problemLimit = 100;

/** One document of one of Fairway's kinds, checked whole: `spec` is of its kind's type. */
export interface Resource<Of extends Kind> {
  readonly kind: Of;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly spec: unknown;
  readonly file: string;
  readonly line: number;
  readonly lineOf: (path: YamlPath) => number;
}

const closed = { additionalProperties: false } as const;
const common = {
  labels: Type.With(Labels, { default: {} }),
  annotations: Type.Optional(Type.Record(Type.String(), Type.String())),
};
const named = Type.Object({ name: Name, ...common }, closed);
const metadataSchemas = {
  Application: Type.Object({ name: Name, tenant: Type.Optional(Name), ...common }, closed),
  Pin: Type.Object({ environment: Name, application: Name, ...common }, closed),
};

/**
 * Reads every document of a file that is of an allowed kind. One that is broken yields problems, each with its
 * line and field, and harms none of the others (G6).
 */
export function readResources<Of extends Kind>(
  file: string,
  content: Uint8Array,
  allowed: readonly Of[],
): { readonly resources: Resource<Of>[]; readonly problems: Problem[] } {
  const { documents, problems } = parseYaml(content, { file });
  const found = { resources: [] as Resource<Of>[], problems: [...problems] };
  for (const document of documents) {
    const result = readResource(file, document, allowed);
    if (Array.isArray(result)) found.problems.push(...result.slice(0, problemLimit - found.problems.length));
    else found.resources.push(result);
  }
  return found;
}

function readResource<Of extends Kind>(
  file: string,
  document: YamlDocument,
  allowed: readonly Of[],
): Resource<Of> | Problem[] {
  const problem = (code: string, path: YamlPath, message: string, remedy: string | null): Problem => ({
    ...{ code, severity: 'error', file, message, remedy },
    ...{ line: document.lineOf(path), field: path.length === 0 ? null : fieldOf(path) },
  });
  const { value } = document;
  if (!isMap(value)) {
    return [problem('document-invalid', [], 'this document is not a map', 'write apiVersion, kind, metadata and spec')];
  }
  const kind = value.kind;
  if (kind === undefined)
    return [problem('field-missing', ['kind'], 'kind is missing', `one of ${allowed.join(', ')}`)];
  if (typeof kind !== 'string' || !isKind(kind)) {
    const remedy = remedyFor(String(kind), allowed);
    return [problem('kind-unknown', ['kind'], `there is no kind ${JSON.stringify(kind)}`, remedy)];
  }
  if (!isOneOf(kind, allowed)) {
    const message = `no ${kind} can stand in this file`;
    return [problem('kind-misplaced', ['kind'], message, `its place is ${homes[kind]}`)];
  }
  const { value: checked, issues } = check(schemas[kind], value);
  if (issues.length > 0) {
    return issues.slice(0, problemLimit).map(({ code, path, message, remedy }) => problem(code, path, message, remedy));
  }
  const { metadata, spec } = checked as { metadata: Record<string, unknown>; spec: unknown };
  return { kind, metadata, spec, file, line: document.line, lineOf: document.lineOf };
}

/** The schema of a whole document of each kind. */
const schemas = Object.fromEntries(
  Object.entries(specSchemas).map(([kind, spec]) => {
    const metadata = kind === 'Application' || kind === 'Pin' ? metadataSchemas[kind] : named;
    return [
      kind,
      Type.Object({ apiVersion: Type.Enum([apiVersion]), kind: Type.Enum([kind]), metadata, spec }, closed) as TSchema,
    ];
  }),
) as Record<Kind, TSchema>;

function isKind(kind: string): kind is Kind {
  return Object.hasOwn(specSchemas, kind);
}

function isOneOf<Of extends Kind>(kind: Kind, allowed: readonly Of[]): kind is Of {
  return (allowed as readonly Kind[]).includes(kind);
}
