import { type Fields, fields, type HealthCheck, healthy, progressing, text } from './report.ts';

/** A Service: one of type LoadBalancer waits for its address (H1). */
export const serviceHealth: HealthCheck = (object) => {
  if (text(object.spec, 'type') !== 'LoadBalancer') return healthy('it exists');
  return hasAddress(object.status) ? healthy('it has an address') : progressing('its load balancer has no address yet');
};

/** An Ingress: well once it exists, for not every controller reports an address. */
export const ingressHealth: HealthCheck = (object) =>
  healthy(hasAddress(object.status) ? 'it has an address' : 'it exists; its controller reports no address');

function hasAddress(status: Fields): boolean {
  const { ingress } = fields(status.loadBalancer);
  return Array.isArray(ingress) && ingress.length > 0;
}
