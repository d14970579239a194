import { FairwayError } from '../../core/errors.ts';

/** Why an agent is not let in, in the words that it hears. */

export function clusterRevoked(cluster: string): FairwayError {
  return new FairwayError('cluster-revoked', `The trust in the cluster ${cluster} was revoked.`, {
    remedy: `To let it in again, run \`fairway cluster register ${cluster} --replace\` and give its agent the new token.`,
  });
}

export function certificateUnknown(): FairwayError {
  return new FairwayError('certificate-unknown', 'This hub has no record of the certificate.', {
    remedy: 'Join again: `fairway cluster register NAME --replace`.',
  });
}
