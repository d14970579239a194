import { equalQuantities, isQuantityField } from './quantity.ts';

/** When two values of a field are the same, whatever is compared: a bundle with what runs, or with another bundle. */

/** True where two items of a keyed list are one: every key that the wanted one has is equal. */
export function sameItem(keys: readonly string[], wanted: unknown, live: unknown): boolean {
  if (!isMap(wanted) || !isMap(live)) return false;
  return keys.every((key) => wanted[key] === undefined || wanted[key] === live[key]);
}

/** Where the server keeps text as it came, so that another spelling is another value. */
const verbatim = new Set(['data', 'binaryData', 'labels', 'annotations', 'matchLabels', 'nodeSelector']);
/** Fields that take a number or its text. */
const numberOrText = /^(port|targetPort|containerPort|hostPort|nodePort|maxSurge|maxUnavailable|minAvailable)$/;

/**
 * True where two values of a field mean the same to the API server (D2): spellings of one quantity, a port as a number
 * and as text. What the server keeps as it came is compared as it stands.
 */
export function equalScalars(path: readonly string[], wanted: unknown, live: unknown): boolean {
  if (Object.is(wanted, live)) return true;
  if (live === undefined || path.some((segment) => verbatim.has(segment))) return false;
  const field = path.at(-1) ?? '';
  if (isQuantityField(field, path.at(-2) ?? '')) return equalQuantities(wanted, live);
  if (numberOrText.test(field)) return typeof wanted !== typeof live && String(wanted) === String(live);
  return false;
}

/** True for an object that is no list. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Null and the empty map and list: the server drops them. */
export function isEmpty(value: unknown): boolean {
  if (value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isMap(value) && Object.keys(value).length === 0;
}
