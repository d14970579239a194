import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, it } from 'vitest';
import { trackUnusedConnections } from './unused-connections.ts';

it('ends the connections on which nothing was asked, and no others', async () => {
  const server = createServer((_request, response) => response.flushHeaders());
  const endUnused = trackUnusedConnections(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;

  const used = connect(port, '127.0.0.1');
  used.write('GET / HTTP/1.1\r\nhost: hub\r\n\r\n');
  await once(used, 'data');
  const unused = connect(port, '127.0.0.1');
  await once(server, 'connection');

  endUnused();
  await once(unused, 'close');
  expect(used.closed).toBe(false);
  server.closeAllConnections();
  server.close();
});
