import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { FairwayError } from '../core/errors.ts';

/** A refusal of the hub, carried whole over gRPC: its code, field and remedy travel in the trailers (X4). */

const trailer = 'fairway-error-bin';

interface Refusal {
  readonly code: string;
  readonly field?: string;
  readonly remedy?: string;
  readonly retry: 'terminal' | 'again';
}

/** What a gRPC handler answers for an error. */
export function toServiceError(error: FairwayError): Partial<ServiceError> {
  const { code, field, remedy, retry } = error;
  const refusal: Refusal = {
    code,
    retry,
    ...(field === undefined ? {} : { field }),
    ...(remedy === undefined ? {} : { remedy }),
  };
  const metadata = new Metadata();
  metadata.set(trailer, Buffer.from(JSON.stringify(refusal)));
  return {
    code: retry === 'again' ? status.UNAVAILABLE : status.PERMISSION_DENIED,
    details: error.message,
    metadata,
  };
}

/** The refusal that a hub sent; null where the error is the transport's own. */
export function fromServiceError(error: ServiceError): FairwayError | null {
  const [bytes] = error.metadata?.get(trailer) ?? [];
  if (!Buffer.isBuffer(bytes)) return null;
  const { code, ...options } = JSON.parse(bytes.toString()) as Refusal;
  return new FairwayError(code, error.details, { ...options, cause: error });
}
