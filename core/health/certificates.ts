import { standingBy } from './conditions.ts';
import {
  conditionOf,
  degraded,
  explained,
  type HealthCheck,
  healthy,
  isCondition,
  progressing,
  text,
} from './report.ts';

/** The kinds of cert-manager. */

/** A Certificate: ready, and not yet expired; one whose last issuance failed is degraded until the next succeeds. */
export const certificateHealth: HealthCheck = (object, now) => {
  const issuing = conditionOf(object, 'Issuing');
  if (isCondition(object, 'Ready')) {
    const standing = standingBy(object, 'Ready');
    const end = Date.parse(text(object.status, 'notAfter'));
    if (standing.health !== 'healthy' || Number.isNaN(end)) return standing;
    if (end <= now) return degraded(`it expired at ${text(object.status, 'notAfter')}`);
    return { ...healthy(`it is valid until ${text(object.status, 'notAfter')}`), recheckAt: end };
  }
  if (issuing?.status === 'True') return progressing(`it is being issued${explained(issuing)}`);
  if (issuing?.status === 'False' && issuing.reason === 'Failed')
    return degraded(`its issuance has failed${explained(issuing)}`);
  return progressing(`it is not ready yet${explained(conditionOf(object, 'Ready'))}`);
};

/** An Issuer or a ClusterIssuer: what its controller calls not ready is a misconfiguration, or a server that refuses. */
export const issuerHealth: HealthCheck = (object) => {
  const ready = conditionOf(object, 'Ready');
  if (ready?.status === 'False') return degraded(`it is not ready${explained(ready)}`);
  return standingBy(object, 'Ready');
};

/** A CertificateRequest: denied, invalid and failed ones stay so. */
export const certificateRequestHealth: HealthCheck = (object) => {
  for (const [type, what] of [
    ['Denied', 'it was denied'],
    ['InvalidRequest', 'it is invalid'],
  ] as const) {
    const refused = conditionOf(object, type);
    if (refused?.status === 'True') return degraded(`${what}${explained(refused)}`);
  }
  const ready = conditionOf(object, 'Ready');
  if (ready?.status === 'False' && ready.reason === 'Failed') return degraded(`it has failed${explained(ready)}`);
  if (ready?.status === 'True') return healthy('it is issued');
  return progressing(`it is not issued yet${explained(ready)}`);
};

/** An Order or a Challenge of ACME, by its state. */
export const acmeHealth: HealthCheck = (object) => {
  const state = text(object.status, 'state');
  const reason = text(object.status, 'reason');
  switch (state) {
    case 'valid':
    case 'ready':
      return healthy(`it is ${state}`);
    case 'invalid':
    case 'errored':
    case 'expired':
      return degraded(`it is ${state}${reason === '' ? '' : `: ${reason}`}`);
    default:
      return progressing(state === '' ? 'it has not begun' : `it is ${state}${reason === '' ? '' : `: ${reason}`}`);
  }
};
