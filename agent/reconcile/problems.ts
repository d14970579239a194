import { pointerOfField } from '../../core/fields/pointer.ts';
import type { ObjectProblem } from '../../core/link/status.ts';
import { describeRef, isSecret, type ObjectRef } from '../../core/objects/object.ts';
import { KubeError } from '../kube/port.ts';

/**
 * What the API server said of an object, as a problem that names object and field. Of a Secret only the fields and
 * reasons are told, for the server quotes values (A11).
 */
export function problemOf(error: KubeError, ref: ObjectRef, object: unknown): ObjectProblem {
  const field = fieldOf(error, object);
  return { object: ref, code: codeOf(error), field, message: messageFor(error, ref, field), health: null };
}

/** A problem of an object that is not the API server's word. */
export function problem(object: ObjectRef, code: string, message: string, field: string | null = null): ObjectProblem {
  return { object, code, field, message, health: null };
}

/** True where the same call may well succeed in a moment: nothing is wrong with what was sent. */
export function isPassing(error: unknown): boolean {
  return (
    error instanceof KubeError && (error.code === 'unavailable' || error.code === 'throttled' || error.code === 'gone')
  );
}

function codeOf(error: KubeError): string {
  if (error.code === 'not-found') return /namespaces? "/.test(error.message) ? 'namespace-missing' : 'not-served';
  return error.code;
}

function fieldOf(error: KubeError, object: unknown): string | null {
  const named = error.causes.find(({ field }) => field !== '')?.field;
  return named === undefined ? null : pointerOfField(named, object);
}

function messageFor(error: KubeError, ref: ObjectRef, field: string | null): string {
  const name = describeRef(ref);
  if (codeOf(error) === 'namespace-missing')
    return `${name}: namespace ${ref.namespace} does not exist; create it, or add it to the application`;
  // Who may not do what is no secret; what an object holds may be.
  if (!isSecret(ref) || error.code === 'forbidden')
    return error.message.includes(ref.name) ? error.message : `${name}: ${error.message}`;
  const reasons = [...new Set(error.causes.map(({ reason }) => reason))].filter((reason) => reason !== '');
  const at = field === null ? '' : ` at ${field}`;
  return `${name}: the API server refuses it${at} (${[error.reason || error.code, ...reasons].join(', ')}); values are not shown`;
}
