import { type Kind, qualifiedKind, qualifiedPlural } from '../kinds/kind.ts';

/** One entry of `status.details.causes`. */
export interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly Cause[];
  readonly retryAfterSeconds?: number;
}

/** A `v1/Status`, as every refusal carries one. */
export interface StatusBody {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Record<string, never>;
  readonly status: 'Failure' | 'Success';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code?: number;
}

/** A refusal of the sandbox's API, in the words and with the status of the real one. */
export class ApiError extends Error {
  readonly body: StatusBody;

  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message);
    this.name = 'ApiError';
    this.body = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      ...(reason === '' ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      code,
    };
  }

  /** The HTTP status. */
  get code(): number {
    return this.body.code ?? 500;
  }
}

/** How details name the object of an error. Most name its plural, as the path does. */
function details(kind: Kind, name: string): StatusDetails {
  return { name, ...(kind.group === '' ? {} : { group: kind.group }), kind: kind.plural };
}

function what(kind: Kind, name: string): string {
  return `${qualifiedPlural(kind)} "${name}"`;
}

export function notFound(kind: Kind, name: string): ApiError {
  return new ApiError(404, 'NotFound', `${what(kind, name)} not found`, details(kind, name));
}

export function noSuchResource(): ApiError {
  return new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function alreadyExists(kind: Kind, name: string): ApiError {
  return new ApiError(409, 'AlreadyExists', `${what(kind, name)} already exists`, details(kind, name));
}

export function conflict(kind: Kind, name: string, why: string): ApiError {
  const message = `Operation cannot be fulfilled on ${what(kind, name)}: ${why}`;
  return new ApiError(409, 'Conflict', message, details(kind, name));
}

/** The object was changed since the version that the caller read. */
export function staleVersion(kind: Kind, name: string): ApiError {
  const why = 'the object has been modified; please apply your changes to the latest version and try again';
  return conflict(kind, name, why);
}

/** The object is not the one that a deletion means. @param perhaps what may have become of that one */
export function unmet(
  kind: Kind,
  name: string,
  what: string,
  wanted: string,
  found: string | undefined,
  perhaps: string,
): ApiError {
  const why = `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${found}). The object might have been ${perhaps}`;
  const message = `Operation cannot be fulfilled on ${qualifiedKind(kind)} "${name}": ${why}`;
  return new ApiError(409, 'Conflict', message, details(kind, name));
}

/** @param causes as `ownershipConflicts` words them */
export function applyConflict(message: string, causes: readonly Cause[]): ApiError {
  return new ApiError(409, 'Conflict', message, { causes });
}

export function forbidden(kind: Kind, name: string, why: string, causes?: readonly Cause[]): ApiError {
  return new ApiError(403, 'Forbidden', `${what(kind, name)} is forbidden: ${why}`, {
    ...details(kind, name),
    ...(causes === undefined ? {} : { causes }),
  });
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message);
}

export function internal(message: string): ApiError {
  return new ApiError(500, '', message);
}

export function methodNotAllowed(): ApiError {
  return new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
}

/** A list or watch asks for a version that is no longer remembered. */
export function expired(message: string): ApiError {
  return new ApiError(410, 'Expired', message);
}

/** The object is refused for the values of its fields. */
export function invalid(kind: Kind, name: string, causes: readonly Cause[]): ApiError {
  const words = causes.map(({ field, message }) => `${field}: ${message}`);
  const list = words.length === 1 ? words[0] : `[${words.join(', ')}]`;
  return new ApiError(422, 'Invalid', `${qualifiedKind(kind)} "${name}" is invalid: ${list}`, {
    name,
    ...(kind.group === '' ? {} : { group: kind.group }),
    kind: kind.kind,
    causes,
  });
}
