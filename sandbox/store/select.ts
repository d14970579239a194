import { messageOf } from '../../core/errors.ts';
import { valueAt } from '../../core/fields/pointer.ts';
import type { KubeObject } from '../../core/objects/object.ts';
import { matches } from '../../core/selector.ts';
import { parseSelector } from '../../core/selector-text.ts';
import { badRequest } from '../api/error.ts';
import { type Kind, kindKey } from '../kinds/kind.ts';

export interface Selection {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export type Predicate = (object: KubeObject) => boolean;

/** The fields that may be selected by, besides name and namespace. */
const selectable: Readonly<Record<string, readonly string[]>> = {
  '/pods': ['spec.nodeName', 'spec.restartPolicy', 'spec.serviceAccountName', 'status.phase'],
  '/secrets': ['type'],
  '/events': [
    'involvedObject.kind',
    'involvedObject.name',
    'involvedObject.namespace',
    'involvedObject.uid',
    'reason',
    'type',
  ],
  '/namespaces': ['status.phase'],
  '/nodes': ['spec.unschedulable'],
  'batch/jobs': ['status.successful'],
  'apps/replicasets': ['status.replicas'],
};

/**
 * What a list or a watch selects.
 * @throws ApiError 400 for a selector that cannot be read
 */
export function selects(kind: Kind, { namespace = '', labelSelector = '', fieldSelector = '' }: Selection): Predicate {
  const tests: Predicate[] = [];
  if (namespace !== '') tests.push((object) => object.metadata.namespace === namespace);
  if (labelSelector !== '') tests.push(byLabels(labelSelector));
  for (const term of fieldSelector.split(',').filter((part) => part !== '')) tests.push(byField(kind, term));
  return (object) => tests.every((test) => test(object));
}

function byLabels(text: string): Predicate {
  try {
    const selector = parseSelector(text);
    return (object) => matches(selector, object.metadata.labels ?? {});
  } catch (error) {
    throw badRequest(`unable to parse requirement: ${messageOf(error)}`);
  }
}

function byField(kind: Kind, term: string): Predicate {
  const match = /^([^=!]+)(!=|==|=)(.*)$/.exec(term);
  if (match === null) throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`);
  const [, field = '', operator, wanted = ''] = match;
  const known = ['metadata.name', 'metadata.namespace', ...(selectable[kindKey(kind)] ?? [])];
  if (!known.includes(field)) throw badRequest(`field label not supported: ${field}`);
  const path = field.split('.');
  return (object) => (String(valueAt(object, path) ?? '') === wanted) === (operator !== '!=');
}
