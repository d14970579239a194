import type { KubeObject } from '../../../core/objects/object.ts';
import type { Cause } from '../../api/error.ts';
import { mapOf, mapsOf } from '../defaults/draft.ts';
import { required, unsupported, wrong } from './cause.ts';

/** What is wrong with a CustomResourceDefinition. */
export function checkDefinition(object: KubeObject, before: KubeObject | null): Cause[] {
  const spec = mapOf(object, 'spec') ?? {};
  const names = mapOf(spec, 'names') ?? {};
  const causes: Cause[] = [];
  const wanted = `${String(names.plural)}.${String(spec.group)}`;
  if (object.metadata.name !== wanted) {
    causes.push(wrong('metadata.name', object.metadata.name, 'must be spec.names.plural+"."+spec.group'));
  }
  if (!spec.group) causes.push(required('spec.group'));
  for (const name of ['plural', 'singular', 'kind', 'listKind']) {
    if (!names[name]) causes.push(required(`spec.names.${name}`));
  }
  const scopes = ['Cluster', 'Namespaced'];
  if (!spec.scope) causes.push(required('spec.scope'));
  else if (!scopes.includes(String(spec.scope))) causes.push(unsupported('spec.scope', spec.scope, scopes));
  const versions = mapsOf(spec, 'versions');
  const stored = versions.filter(({ storage }) => storage === true);
  if (stored.length !== 1) {
    causes.push(
      wrong(
        'spec.versions',
        versions.map(({ name }) => name),
        'must have exactly one version marked as storage version',
      ),
    );
  }
  for (const [index, version] of versions.entries()) {
    const schema = mapOf(mapOf(version, 'schema'), 'openAPIV3Schema');
    const at = `spec.versions[${index}].schema.openAPIV3Schema`;
    if (schema === undefined) causes.push(required(at, 'schemas are required'));
    else if (schema.type !== 'object') {
      causes.push(
        schema.type === undefined
          ? required(`${at}.type`, 'must not be empty at the root')
          : wrong(`${at}.type`, schema.type, 'must be object at the root'),
      );
    }
  }
  const old = before === null ? undefined : mapOf(before, 'spec');
  if (old !== undefined) {
    if (old.group !== spec.group) causes.push(wrong('spec.group', spec.group, 'field is immutable'));
    if (old.scope !== spec.scope) causes.push(wrong('spec.scope', spec.scope, 'field is immutable'));
  }
  return causes;
}
