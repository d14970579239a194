import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { listening } from './listening.ts';

describe('listening', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  const open = async (host: string, port: number) => {
    const server = createServer();
    servers.push(server);
    await once(server.listen(port, host), 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no address');
    return address.port;
  };

  it('[X4] names the variable, the address and the flag of a port that is taken', async () => {
    const port = await open('127.0.0.1', 0);
    const address = { host: '127.0.0.1', port };
    await expect(listening('FAIRWAY_HEALTH', address, () => open('127.0.0.1', port))).rejects.toMatchObject({
      code: 'address-in-use',
      field: 'FAIRWAY_HEALTH',
      message: expect.stringContaining(`127.0.0.1:${port}`),
      remedy: expect.stringContaining('--health'),
    });
  });

  it('[X4] and of an address that is not of this machine', async () => {
    const address = { host: '192.0.2.1', port: 0 };
    await expect(listening('FAIRWAY_GRPC', address, () => open(address.host, 0))).rejects.toMatchObject({
      code: 'address-unusable',
      remedy: expect.stringContaining('--grpc'),
    });
  });

  it('leaves other errors as they are', async () => {
    const failing = () => Promise.reject(new Error('something else'));
    await expect(listening('FAIRWAY_HTTP', { host: '127.0.0.1', port: 1 }, failing)).rejects.toThrow('something else');
  });
});
