import type { KubeObject } from '../../../core/objects/object.ts';
import type { Cause } from '../../api/error.ts';
import { mapOf } from '../defaults/draft.ts';
import { type Kind, kindKey } from '../kind.ts';
import { checkAgainst } from './custom.ts';
import { checkDefinition } from './definition.ts';
import { checkMetadata } from './metadata.ts';
import { checkPod } from './pod.ts';
import {
  checkAutoscaler,
  checkBinding,
  checkClaim,
  checkData,
  checkIngress,
  checkRole,
  checkService,
} from './small.ts';
import { checkCronJob, checkJob, checkWorkload } from './workloads.ts';

type Check = (object: KubeObject, before: KubeObject | null) => Cause[];

const checks: Readonly<Record<string, Check>> = {
  '/configmaps': checkData,
  '/secrets': checkData,
  '/services': checkService,
  '/pods': (object) => checkPod(mapOf(object, 'spec'), 'spec'),
  '/persistentvolumeclaims': checkClaim,
  'apps/deployments': checkWorkload,
  'apps/statefulsets': checkWorkload,
  'apps/daemonsets': checkWorkload,
  'apps/replicasets': checkWorkload,
  'batch/jobs': checkJob,
  'batch/cronjobs': checkCronJob,
  'networking.k8s.io/ingresses': checkIngress,
  'rbac.authorization.k8s.io/roles': checkRole,
  'rbac.authorization.k8s.io/clusterroles': checkRole,
  'rbac.authorization.k8s.io/rolebindings': checkBinding,
  'rbac.authorization.k8s.io/clusterrolebindings': checkBinding,
  'autoscaling/horizontalpodautoscalers': checkAutoscaler,
  'apiextensions.k8s.io/customresourcedefinitions': checkDefinition,
};

/** What is wrong with an object, after its defaults were filled in. Nothing: it may be stored. */
export function checkObject(kind: Kind, object: KubeObject, before: KubeObject | null): Cause[] {
  const own =
    kind.custom === null ? (checks[kindKey(kind)]?.(object, before) ?? []) : checkAgainst(kind.custom.schema, object);
  return [...checkMetadata(kind, object), ...own];
}
