import type { KubeObject } from '../../core/objects/object.ts';
import { badRequest, invalid } from '../api/error.ts';
import { decode } from '../fields/decode.ts';
import { apiVersionOf } from '../kinds/kind.ts';
import { checkAgainst } from '../kinds/validation/custom.ts';
import { isMap, type JsonMap } from '../schema/type.ts';
import type { Target, WriteOptions } from './context.ts';

/**
 * Checks that a body is an object of the target's kind, name and namespace, and brings it into the form that the
 * server keeps.
 * @throws ApiError 400 for what is no such object; 422 where a CRD's schema refuses a type
 */
export function decodeBody(target: Target, body: unknown, options: WriteOptions): KubeObject {
  const { kind, version, name } = target;
  if (!isMap(body)) throw badRequest('the object provided is unrecognized: it is no JSON object');
  checkIdentity(target, body);
  if (kind.custom !== null) {
    const causes = checkAgainst(kind.custom.schema, body).filter(({ reason }) => reason === 'FieldValueTypeInvalid');
    if (causes.length > 0) throw invalid(kind, name, causes);
  }
  const { value, unknown, mistyped } = decode(kind.type, body);
  const [first] = mistyped;
  const cannot = `${kind.kind} in version "${version}" cannot be handled as a ${kind.kind}`;
  if (first !== undefined && kind.custom === null) {
    throw badRequest(
      `${cannot}: json: cannot unmarshal ${first.got} into Go struct field ${kind.kind}.${first.path} of type ${first.wanted}`,
    );
  }
  if (unknown.length > 0) {
    const words = unknown.map((field) => `unknown field "${field}"`);
    if (options.fieldValidation === 'Strict') throw badRequest(`${cannot}: strict decoding error: ${words.join(', ')}`);
    if (options.fieldValidation !== 'Ignore') for (const text of words) options.warn?.(text);
  }
  const object = value as KubeObject;
  return {
    ...object,
    apiVersion: apiVersionOf(kind, version),
    kind: kind.kind,
    metadata: { ...object.metadata },
  };
}

/** An object may leave out what its path says, but not contradict it. */
export function checkIdentity({ kind, version, namespace, name }: Target, body: JsonMap): void {
  const wanted = apiVersionOf(kind, version);
  if (body.apiVersion !== undefined && body.apiVersion !== wanted) {
    throw badRequest(
      `the API version in the data (${String(body.apiVersion)}) does not match the expected API version (${wanted})`,
    );
  }
  if (body.kind !== undefined && body.kind !== kind.kind) {
    throw badRequest(`the kind in the data (${String(body.kind)}) does not match the expected kind (${kind.kind})`);
  }
  const metadata = isMap(body.metadata) ? body.metadata : {};
  if (
    kind.namespaced &&
    metadata.namespace !== undefined &&
    metadata.namespace !== '' &&
    metadata.namespace !== namespace
  ) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (name !== '' && metadata.name !== undefined && metadata.name !== name) {
    throw badRequest(`the name of the object (${String(metadata.name)}) does not match the name on the URL (${name})`);
  }
}
