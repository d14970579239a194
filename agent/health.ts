import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Address } from '../core/address.ts';
import { listening } from '../telemetry/listening.ts';
import { scrapeType } from '../telemetry/telemetry.ts';
import type { Agent } from './agent.ts';

/**
 * Answers probes. `/healthz`: the process works; without a hub too, for an agent enforces alone (L4), and a restart
 * would mend nothing. `/readyz`: the hub has welcomed it. `/metrics`: what Prometheus scrapes.
 * @throws FairwayError `address-in-use`, `address-unusable`
 */
export async function serveHealth(
  address: Address,
  agent: Pick<Agent, 'connection'>,
  scrape: () => Promise<string>,
): Promise<{ close(): Promise<void> }> {
  const server = createServer((request, response) => {
    if (request.url === '/metrics') {
      scrape().then(
        (text) => response.writeHead(200, { 'content-type': scrapeType }).end(text),
        () => response.writeHead(500).end(),
      );
      return;
    }
    const connection = agent.connection();
    const isReady = connection.state === 'connected';
    const status = request.url === '/healthz' ? 200 : request.url === '/readyz' ? (isReady ? 200 : 503) : 404;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(status === 404 ? '' : JSON.stringify({ connection }));
  });
  await listening('FAIRWAY_HEALTH', address, () => once(server.listen(address.port, address.host), 'listening'));
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
