import type { JsonMap } from '../../schema/type.ts';
import { fill, mapOf, mapsOf } from './draft.ts';

/** What the server fills into the specification of a pod, in a Pod as in a template of one. */
export function fillPod(spec: JsonMap): void {
  fill(spec, {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
  });
  const account = spec.serviceAccountName ?? spec.serviceAccount;
  if (account !== undefined) fill(spec, { serviceAccountName: account, serviceAccount: account });
  for (const container of [...mapsOf(spec, 'initContainers'), ...mapsOf(spec, 'containers')]) {
    fillContainer(container, spec.hostNetwork === true);
  }
  for (const volume of mapsOf(spec, 'volumes')) fillVolume(volume);
}

function fillContainer(container: JsonMap, hostNetwork: boolean): void {
  fill(container, {
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: isLatest(String(container.image ?? '')) ? 'Always' : 'IfNotPresent',
  });
  for (const port of mapsOf(container, 'ports')) {
    fill(port, { protocol: 'TCP', ...(hostNetwork ? { hostPort: port.containerPort } : {}) });
  }
  for (const variable of mapsOf(container, 'env')) fillFieldRef(mapOf(variable, 'valueFrom'));
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    const probe = mapOf(container, name);
    if (probe === undefined) continue;
    fill(probe, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 });
    fillHttpGet(probe);
    const grpc = mapOf(probe, 'grpc');
    if (grpc !== undefined) fill(grpc, { service: '' });
  }
  const lifecycle = mapOf(container, 'lifecycle');
  for (const name of ['postStart', 'preStop']) fillHttpGet(mapOf(lifecycle, name));
}

/** True for an image whose tag is `latest`, said or not. */
function isLatest(image: string): boolean {
  if (image.includes('@')) return false;
  const name = image.slice(image.lastIndexOf('/') + 1);
  return !name.includes(':') || name.endsWith(':latest');
}

function fillHttpGet(handler: JsonMap | undefined): void {
  const get = mapOf(handler, 'httpGet');
  if (get !== undefined) fill(get, { path: '/', scheme: 'HTTP' });
}

function fillFieldRef(source: JsonMap | undefined): void {
  const ref = mapOf(source, 'fieldRef');
  if (ref !== undefined) fill(ref, { apiVersion: 'v1' });
}

function fillVolume(volume: JsonMap): void {
  if (Object.keys(volume).length === 1) volume.emptyDir = {};
  for (const name of ['secret', 'configMap', 'projected', 'downwardAPI']) {
    const source = mapOf(volume, name);
    if (source !== undefined) fill(source, { defaultMode: 420 });
  }
  for (const item of mapsOf(mapOf(volume, 'downwardAPI'), 'items')) fillFieldRef(item);
  for (const source of mapsOf(mapOf(volume, 'projected'), 'sources')) {
    for (const item of mapsOf(mapOf(source, 'downwardAPI'), 'items')) fillFieldRef(item);
    const token = mapOf(source, 'serviceAccountToken');
    if (token !== undefined) fill(token, { expirationSeconds: 3600 });
  }
  const hostPath = mapOf(volume, 'hostPath');
  if (hostPath !== undefined) fill(hostPath, { type: '' });
}
