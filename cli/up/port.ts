import { createServer } from 'node:net';
import { type Address, formatAddress, parseAddress } from '../../core/address.ts';
import { FairwayError } from '../../core/errors.ts';

/**
 * Where to listen on loopback: where was asked for; else on the usual port where that is free; else on any.
 * @param asked `host:port`, or nothing
 * @param usual a port
 * @returns port 0: any
 * @throws FairwayError `address-invalid`, `address-taken`, naming the flag
 */
export async function chooseAddress(asked: string | undefined, usual: number, flag: string): Promise<Address> {
  const address = asked === undefined ? { host: '127.0.0.1', port: usual } : parseAddress(asked, flag);
  const refusal = await whyTaken(address);
  if (refusal === null) return address;
  if (asked === undefined) return { ...address, port: 0 };
  throw new FairwayError('address-taken', `nothing can listen on ${formatAddress(address)}: ${refusal}`, {
    field: flag,
    remedy: `give another one, or leave ${flag} out to take any that is free`,
  });
}

function whyTaken({ host, port }: Address): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
}
