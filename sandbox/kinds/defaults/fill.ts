import type { KubeObject } from '../../../core/objects/object.ts';
import type { JsonMap } from '../../schema/type.ts';
import { type Kind, kindKey } from '../kind.ts';
import { fillCustom } from './custom.ts';
import { fill, madeMap, mapOf, mapsOf } from './draft.ts';
import { fillNetworkPolicy, fillService } from './network.ts';
import { fillPod } from './pod.ts';
import { fillClaim, fillStorageClass, fillVolumeOfCluster } from './storage.ts';
import { fillCronJob, fillDaemonSet, fillDeployment, fillJob, fillReplicaSet, fillStatefulSet } from './workloads.ts';

type Fill = (object: JsonMap) => void;

const inSpec =
  (into: (spec: JsonMap) => void): Fill =>
  (object) =>
    into(madeMap(object, 'spec'));

const fills: Readonly<Record<string, Fill>> = {
  '/namespaces': fillNamespace,
  '/secrets': fillSecret,
  '/services': inSpec(fillService),
  '/pods': inSpec((spec) => {
    fill(spec, { enableServiceLinks: true });
    fillPod(spec);
  }),
  '/persistentvolumeclaims': inSpec(fillClaim),
  '/persistentvolumes': inSpec(fillVolumeOfCluster),
  'apps/deployments': inSpec(fillDeployment),
  'apps/statefulsets': inSpec(fillStatefulSet),
  'apps/daemonsets': inSpec(fillDaemonSet),
  'apps/replicasets': inSpec(fillReplicaSet),
  'batch/jobs': inSpec(fillJob),
  'batch/cronjobs': inSpec(fillCronJob),
  'networking.k8s.io/networkpolicies': inSpec(fillNetworkPolicy),
  'rbac.authorization.k8s.io/rolebindings': fillBinding,
  'rbac.authorization.k8s.io/clusterrolebindings': fillBinding,
  'autoscaling/horizontalpodautoscalers': inSpec(fillAutoscaler),
  'storage.k8s.io/storageclasses': fillStorageClass,
  'scheduling.k8s.io/priorityclasses': (object) => void fill(object, { preemptionPolicy: 'PreemptLowerPriority' }),
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': (object) => fillWebhooks(object, true),
  'admissionregistration.k8s.io/validatingwebhookconfigurations': (object) => fillWebhooks(object, false),
  'apiextensions.k8s.io/customresourcedefinitions': inSpec(fillDefinition),
};

/** Fills in what the server defaults, in place. Values that are set stay, whatever they are. */
export function fillDefaults(kind: Kind, object: KubeObject): void {
  if (kind.custom !== null) fillCustom(kind.custom.schema, object);
  else fills[kindKey(kind)]?.(object as JsonMap);
}

function fillNamespace(object: JsonMap): void {
  const metadata = madeMap(object, 'metadata');
  madeMap(metadata, 'labels')['kubernetes.io/metadata.name'] = metadata.name;
}

/** `stringData` is for writing alone: it ends up in `data`. */
function fillSecret(object: JsonMap): void {
  fill(object, { type: 'Opaque' });
  const texts = mapOf(object, 'stringData');
  delete object.stringData;
  for (const [name, text] of Object.entries(texts ?? {})) {
    madeMap(object, 'data')[name] = Buffer.from(String(text)).toString('base64');
  }
}

const rbac = 'rbac.authorization.k8s.io';

function fillBinding(object: JsonMap): void {
  const role = mapOf(object, 'roleRef');
  if (role !== undefined) fill(role, { apiGroup: rbac });
  for (const subject of mapsOf(object, 'subjects')) {
    if (subject.kind === 'User' || subject.kind === 'Group') fill(subject, { apiGroup: rbac });
  }
}

function fillAutoscaler(spec: JsonMap): void {
  const target = { type: 'Utilization', averageUtilization: 80 };
  fill(spec, { minReplicas: 1, metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }] });
}

function fillWebhooks(object: JsonMap, mutating: boolean): void {
  for (const webhook of mapsOf(object, 'webhooks')) {
    fill(webhook, {
      failurePolicy: 'Fail',
      matchPolicy: 'Equivalent',
      namespaceSelector: {},
      objectSelector: {},
      timeoutSeconds: 10,
      ...(mutating ? { reinvocationPolicy: 'Never' } : {}),
    });
    for (const rule of mapsOf(webhook, 'rules')) fill(rule, { scope: '*' });
    const service = mapOf(mapOf(webhook, 'clientConfig'), 'service');
    if (service !== undefined) fill(service, { port: 443 });
  }
}

function fillDefinition(spec: JsonMap): void {
  const names = madeMap(spec, 'names');
  if (typeof names.kind === 'string') {
    fill(names, { singular: names.kind.toLowerCase(), listKind: `${names.kind}List` });
  }
  fill(spec, { conversion: { strategy: 'None' } });
}
