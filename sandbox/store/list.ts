import type { KubeObject } from '../../core/objects/object.ts';
import { ApiError, badRequest, expired } from '../api/error.ts';
import { type Kind, kindKey } from '../kinds/kind.ts';
import { type Selection, selects } from './select.ts';
import { keyOf, objectsOf, type State } from './state.ts';

export interface ListRequest extends Selection {
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
}

export interface Page {
  readonly items: readonly KubeObject[];
  readonly resourceVersion: string;
  /** Empty on the last page. */
  readonly continue: string;
  readonly remaining: number | null;
}

/**
 * One page of the objects of a kind, by namespace and name. All pages of a list show the same moment.
 * @throws ApiError 410 where that moment is forgotten
 */
export function listPage(state: State, kind: Kind, request: ListRequest): Page {
  const token = request.continue === undefined || request.continue === '' ? null : readToken(request.continue);
  const version = token?.version ?? exactVersion(state, request) ?? state.version;
  const selected = [...objectsAt(state, kind, version, token !== null).values()].filter(selects(kind, request));
  selected.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const from = token === null ? 0 : selected.findIndex((object) => keyOf(object) > token.after);
  const rest = from < 0 ? [] : selected.slice(from);
  const limit = request.limit !== undefined && request.limit > 0 ? request.limit : rest.length;
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  const more = rest.length > items.length && last !== undefined;
  const selective = Boolean(request.labelSelector) || Boolean(request.fieldSelector);
  return {
    items,
    resourceVersion: String(version),
    continue: more ? writeToken({ version, after: keyOf(last) }) : '',
    remaining: more && !selective ? rest.length - items.length : null,
  };
}

/** The objects of a kind as they were at a version: what happened since is undone. */
function objectsAt(state: State, kind: Kind, version: number, paging: boolean): ReadonlyMap<string, KubeObject> {
  const now = objectsOf(state, kind);
  if (version === state.version) return now;
  if (version < state.forgotten) {
    if (!paging) throw expired(`The resourceVersion for the provided list is too old.`);
    throw expired(
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.',
    );
  }
  const then = new Map(now);
  for (let index = state.log.length - 1; index >= 0; index -= 1) {
    const change = state.log[index];
    if (change === undefined || change.version <= version) break;
    if (change.kind !== kindKey(kind)) continue;
    if (change.previous === null) then.delete(keyOf(change.object));
    else then.set(keyOf(change.object), change.previous);
  }
  return then;
}

function exactVersion(state: State, { resourceVersion = '', resourceVersionMatch = '' }: ListRequest): number | null {
  if (resourceVersion === '' || resourceVersion === '0') return null;
  const version = parseVersion(resourceVersion);
  if (version > state.version) throw tooLarge(version, state.version);
  return resourceVersionMatch === 'Exact' ? version : null;
}

/** @throws ApiError 400 */
export function parseVersion(text: string): number {
  const version = Number(text);
  if (!Number.isSafeInteger(version) || version < 0)
    throw badRequest(`Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`);
  return version;
}

function tooLarge(asked: number, current: number): ApiError {
  return new ApiError(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version', field: '' }],
    retryAfterSeconds: 1,
  });
}

interface Token {
  readonly version: number;
  readonly after: string;
}

function writeToken({ version, after }: Token): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: version, start: after })).toString('base64url');
}

function readToken(text: string): Token {
  try {
    const { rv, start } = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as {
      rv: unknown;
      start: unknown;
    };
    if (Number.isSafeInteger(rv) && typeof start === 'string') return { version: rv as number, after: start };
  } catch {
    // Said below: a token that is no JSON is as wrong as one that lacks its parts.
  }
  throw badRequest('continue key is not valid: the token was not made by this server');
}
