import { type Address, formatAddress } from '../core/address.ts';
import { FairwayError } from '../core/errors.ts';

/**
 * Opens a server, and says of an address that cannot be had which variable to change.
 * @param variable that names the address: `FAIRWAY_GRPC`
 * @throws FairwayError `address-in-use`, `address-unusable`; any other error of `open` as it is
 */
export async function listening<T>(variable: string, address: Address, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (cause) {
    const { code, syscall } = cause as NodeJS.ErrnoException;
    const refused = syscall === 'listen' || syscall === 'getaddrinfo';
    throw refused ? unusable(variable, formatAddress(address), code ?? 'unknown', cause) : cause;
  }
}

function unusable(field: string, address: string, code: string, cause: unknown): FairwayError {
  const flag = `--${field.replace('FAIRWAY_', '').toLowerCase()}`;
  if (code === 'EADDRINUSE') {
    return new FairwayError('address-in-use', `another process listens at ${address} already`, {
      field,
      remedy: `stop that one, or give another address with ${flag}`,
      cause,
    });
  }
  return new FairwayError('address-unusable', `${address} cannot be listened at: ${code}`, {
    field,
    remedy: `give an address of this machine, and a port that this user may open, with ${flag}`,
    cause,
  });
}
