import type { ClientUnaryCall, ServiceError } from '@grpc/grpc-js';
import { type Address, formatAddress } from '../../core/address.ts';
import { FairwayError } from '../../core/errors.ts';
import { fromServiceError } from '../../proto/refusal.ts';
import { createClient, type HubClient } from './grpc.ts';

const patience = 15_000;

type Answer<T> = (error: ServiceError | null, response: T) => void;

/**
 * One call to a hub over a connection of its own.
 * @param identity null: without a certificate
 * @throws FairwayError as the hub says it; `hub-unreachable` where it says nothing
 */
export async function ask<T>(
  address: Address,
  authorities: readonly string[],
  identity: { readonly key: string; readonly certificate: string } | null,
  call: (client: HubClient, options: { readonly deadline: number }, answer: Answer<T>) => ClientUnaryCall,
): Promise<T> {
  const client = createClient(address, authorities, identity);
  try {
    return await new Promise((resolve, reject) => {
      call(client, { deadline: Date.now() + patience }, (error, response) =>
        error === null ? resolve(response) : reject(error),
      );
    });
  } catch (error) {
    const refusal = fromServiceError(error as never);
    if (refusal !== null) throw refusal;
    const message = `The hub at ${formatAddress(address)} did not answer: ${(error as Error).message}`;
    throw new FairwayError('hub-unreachable', message, { retry: 'again', field: 'hub', cause: error });
  } finally {
    client.close();
  }
}
