import { ApiError, badRequest } from '../api/error.ts';
import { isMap } from '../schema/type.ts';
import type { WriteOptions } from '../store/context.ts';
import type { DeleteOptions } from '../store/delete.ts';
import type { ListRequest } from '../store/list.ts';
import type { WatchRequest } from '../store/watch.ts';

type Query = URLSearchParams;

export const isTrue = (query: Query, name: string): boolean => query.get(name) === 'true' || query.get(name) === '1';

/** How a write is to be done. @param userAgent names the manager where the query does not */
export function writeOptions(query: Query, userAgent: string, warn: (text: string) => void): WriteOptions {
  const validation = query.get('fieldValidation') ?? 'Warn';
  if (validation !== 'Strict' && validation !== 'Warn' && validation !== 'Ignore') {
    throw badRequest(
      `fieldValidation: Unsupported value: "${validation}": supported values: "Ignore", "Strict", "Warn"`,
    );
  }
  return {
    fieldManager: query.get('fieldManager') || (userAgent.split('/')[0] ?? 'unknown').slice(0, 128),
    dryRun: isDryRun(query.getAll('dryRun')),
    fieldValidation: validation,
    warn,
  };
}

function isDryRun(values: readonly unknown[]): boolean {
  const given = values.filter((value) => value !== '');
  const other = given.find((value) => value !== 'All');
  if (other !== undefined) {
    throw new ApiError(422, 'Invalid', `dryRun: Unsupported value: "${String(other)}": supported values: "All"`);
  }
  return given.length > 0;
}

/** How a deletion is to be done: the body says it, or the query. */
export function deleteOptions(query: Query, body: unknown): DeleteOptions {
  const options = isMap(body) ? body : {};
  const policy = options.propagationPolicy ?? query.get('propagationPolicy');
  const orphan =
    options.orphanDependents ?? (query.has('orphanDependents') ? isTrue(query, 'orphanDependents') : undefined);
  const propagation = policy ?? (orphan === true ? 'Orphan' : orphan === false ? 'Background' : null);
  if (
    propagation !== null &&
    propagation !== 'Background' &&
    propagation !== 'Foreground' &&
    propagation !== 'Orphan'
  ) {
    throw badRequest(`invalid propagationPolicy ${String(propagation)}`);
  }
  const { uid, resourceVersion } = isMap(options.preconditions) ? options.preconditions : {};
  const dryRun = Array.isArray(options.dryRun) ? options.dryRun : query.getAll('dryRun');
  return {
    ...(propagation === null ? {} : { propagation }),
    ...(typeof uid === 'string' ? { uid } : {}),
    ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}),
    dryRun: isDryRun(dryRun),
  };
}

/** What a list asks for. @param name of a single object that is asked for as a list */
export function listRequest(query: Query, namespace: string): ListRequest {
  const limit = Number(query.get('limit') ?? 0);
  if (!Number.isInteger(limit)) throw badRequest('limit is no number');
  return {
    namespace,
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: query.get('fieldSelector') ?? '',
    limit,
    continue: query.get('continue') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
  };
}

/** What a watch asks for. @param name watches one object alone; empty: all */
export function watchRequest(query: Query, namespace: string, name: string): WatchRequest {
  const fields = [query.get('fieldSelector') ?? '', name === '' ? '' : `metadata.name=${name}`];
  return {
    namespace,
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: fields.filter((part) => part !== '').join(','),
    resourceVersion: query.get('resourceVersion') ?? '',
    sendInitialEvents: isTrue(query, 'sendInitialEvents'),
  };
}
