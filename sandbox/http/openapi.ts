import type { Kind } from '../kinds/kind.ts';
import { groupVersionKind, groupVersionPaths, kindsIn, templatePath } from './discovery.ts';

/**
 * What the sandbox tells in OpenAPI: that every kind can be patched with a dry run and with strict validation, which
 * is what kubectl looks for before it relies on them. It tells no schemas, for kubectl has those of the built-in kinds
 * itself, and validates the others by asking the server.
 */
const parameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force'];
const info = { title: 'Fairway sandbox', version: 'v1' };

/** `/openapi/v3`: where the document of each group and version is. */
export function openApiIndex(kinds: readonly Kind[]): unknown {
  const paths = groupVersionPaths(kinds).map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}` }]);
  return { paths: Object.fromEntries(paths) };
}

/** `/openapi/v3/apis/GROUP/VERSION`; null where it is not served. */
export function openApiDocument(kinds: readonly Kind[], group: string, version: string): unknown {
  const served = kindsIn(kinds, group, version);
  if (served.length === 0) return null;
  const query = parameters.map((name) => ({ name, in: 'query', schema: { type: 'string', uniqueItems: true } }));
  const paths = served.map((kind) => [templatePath(kind, version), { patch: operation(kind, version, query) }]);
  return { openapi: '3.0.0', info, paths: Object.fromEntries(paths), components: { schemas: {} } };
}

/** `/openapi/v2` as JSON. */
export function swaggerDocument(kinds: readonly Kind[]): unknown {
  const query = parameters.map((name) => ({ name, in: 'query', type: 'string', uniqueItems: true }));
  const paths = kinds.flatMap((kind) =>
    kind.versions.map((version) => [templatePath(kind, version), { patch: operation(kind, version, query) }]),
  );
  return { swagger: '2.0', info, paths: Object.fromEntries(paths), definitions: {} };
}

function operation(kind: Kind, version: string, query: readonly object[]): object {
  return {
    parameters: query,
    responses: { '200': { description: 'OK' } },
    'x-kubernetes-action': 'patch',
    'x-kubernetes-group-version-kind': groupVersionKind(kind, version),
  };
}
