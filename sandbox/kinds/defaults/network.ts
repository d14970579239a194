import type { JsonMap } from '../../schema/type.ts';
import { fill, mapsOf } from './draft.ts';

/** What is filled into a Service whatever it is; its addresses are given out when it is stored. */
export function fillService(spec: JsonMap): void {
  fill(spec, { type: 'ClusterIP', sessionAffinity: 'None' });
  if (spec.sessionAffinity === 'ClientIP')
    fill(spec, { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } } });
  if (spec.type === 'ExternalName') return;
  fill(spec, { internalTrafficPolicy: 'Cluster', ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
  if (spec.type !== 'ClusterIP') fill(spec, { externalTrafficPolicy: 'Cluster' });
  if (spec.type === 'LoadBalancer') fill(spec, { allocateLoadBalancerNodePorts: true });
  for (const port of mapsOf(spec, 'ports')) fill(port, { protocol: 'TCP', targetPort: port.port });
}

export function fillNetworkPolicy(spec: JsonMap): void {
  fill(spec, { policyTypes: spec.egress === undefined ? ['Ingress'] : ['Ingress', 'Egress'] });
  for (const rule of [...mapsOf(spec, 'ingress'), ...mapsOf(spec, 'egress')]) {
    for (const port of mapsOf(rule, 'ports')) fill(port, { protocol: 'TCP' });
  }
}
