import { immutablePhrase } from '../../core/apply/immutable.ts';
import { isSecret, type ObjectRef } from '../../core/objects/object.ts';
import { KubeError, type KubeErrorCause, type KubeErrorCode } from './port.ts';

/** What of a `v1/Status` is read. Everything may be missing: proxies answer too. */
interface Status {
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: {
    readonly kind?: string;
    readonly causes?: readonly { reason?: string; message?: string; field?: string }[];
  };
}

/**
 * The error of an answer that is no success.
 * @param body a Status as JSON, or whatever text came instead
 * @param object what the call was about; a Secret's values are kept out of the error (A11)
 */
export function errorOfAnswer(httpStatus: number, body: string, object: ObjectRef | null): KubeError {
  return errorOfStatus(httpStatus, parseStatus(body), object, body);
}

/** The error that a watch sends in place of an event. */
export function errorOfEvent(status: unknown, object: ObjectRef | null = null): KubeError {
  const known = isStatus(status) ? status : {};
  return errorOfStatus(known.code ?? 500, known, object, '');
}

/** The error of a call that got no answer. */
export function errorOfConnection(cause: unknown, object: ObjectRef | null): KubeError {
  return new KubeError('unavailable', `the API server did not answer: ${explain(cause)}`, { object, cause });
}

function errorOfStatus(httpStatus: number, status: Status, object: ObjectRef | null, body: string): KubeError {
  const message = status.message ?? (body.trim().slice(0, 500) || `HTTP status ${httpStatus}`);
  const reason = status.reason ?? '';
  const code = codeOf(httpStatus, reason, message);
  const causes = causesOf(status, message);
  const mayQuoteValues = object !== null && isSecret(object) && (code === 'invalid' || code === 'unavailable');
  if (!mayQuoteValues) return new KubeError(code, message, { status: httpStatus, reason, causes, object });
  const fields = causes.map((cause) => `${cause.field} (${cause.reason})`).join(', ');
  return new KubeError(
    code,
    `Secret ${object.namespace}/${object.name} is refused${fields === '' ? '' : `: ${fields}`}; the server's words are withheld, for they may quote its values`,
    { status: httpStatus, reason, causes: causes.map(withoutValue), object },
  );
}

/** A cause that quotes no value: that its field is immutable is said in words that hold none (A8). */
export function withoutValue(cause: KubeErrorCause): KubeErrorCause {
  return { ...cause, message: immutablePhrase(cause) ?? 'withheld' };
}

function codeOf(httpStatus: number, reason: string, message: string): KubeErrorCode {
  switch (httpStatus) {
    case 401:
      return 'forbidden';
    case 403:
      // A webhook's refusal is about the object, whatever status the webhook chose; RBAC's is about the agent.
      return /^admission webhook .* denied the request/.test(message) ? 'invalid' : 'forbidden';
    case 404:
      return 'not-found';
    case 409:
      return reason === 'AlreadyExists' ? 'exists' : 'conflict';
    case 410:
      return 'gone';
    case 413:
      return 'too-large';
    case 429:
      return 'throttled';
  }
  if (httpStatus === 408) return 'unavailable';
  if (httpStatus >= 400 && httpStatus < 500) return 'invalid';
  if (/etcdserver: request is too large|trying to send message larger than max/.test(message)) return 'too-large';
  // Older servers (1.20 is one) answer 500 where an applied object does not fit its schema.
  if (/^failed to (create typed|convert)\b.*\bobject/.test(message)) return 'invalid';
  return 'unavailable';
}

/** The server's causes; for an object that does not fit its schema, which comes without, those that its message lists. */
function causesOf(status: Status, message: string): KubeErrorCause[] {
  const given = status.details?.causes ?? [];
  if (given.length > 0) {
    return given.map(({ reason = '', message = '', field = '' }) => ({ reason, message, field }));
  }
  const found: KubeErrorCause[] = [];
  for (const [, field = '', why = ''] of message.matchAll(/(?:: |^\s+)((?:\.[^\s:.[\]]+|\[[^\]]*\])+): (.+)$/gm)) {
    found.push({ reason: 'FieldValueInvalid', message: why, field });
  }
  for (const [, field = ''] of message.matchAll(/unknown field "([^"]+)"/g)) {
    found.push({ reason: 'FieldValueInvalid', message: 'unknown field', field });
  }
  return found;
}

function parseStatus(body: string): Status {
  try {
    const value: unknown = JSON.parse(body);
    return isStatus(value) ? value : {};
  } catch {
    return {}; // A proxy's page, or plain text: the caller shows its beginning.
  }
}

function isStatus(value: unknown): value is Status {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'Status';
}

function explain(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const code = (cause as { code?: unknown }).code;
  const inner = cause instanceof AggregateError ? cause.errors.map(explain).join('; ') : cause.message;
  return inner !== '' ? inner : typeof code === 'string' ? code : cause.name;
}
