/** The hub's port for agents and nothing behind it: what the handshakes alone take. Told by IPC where its keys are. */
import { pino } from 'pino';
import { openAuthority } from '../../../hub/fleet/authority.ts';
import { defaultLinkLimits } from '../../../hub/link/limits.ts';
import { listen } from '../../../hub/link/listener.ts';

const patience = 10 * 60_000;

process.once('message', async (dataDir) => {
  const authority = await openAuthority(dataDir as string);
  const { key, chain } = await authority.serverCredentials(['127.0.0.1']);
  const listener = await listen({
    ...{ host: '127.0.0.1', port: 0, credentials: { key, cert: chain }, authorities: authority.authorities },
    // Nobody is let go: all of them are to be measured.
    limits: { ...defaultLinkLimits(), idleTime: patience, queueTime: patience },
    log: pino({ level: 'fatal' }),
    accept: (socket) => void socket.resume(),
  });
  process.send?.(listener.address.port);
});
process.once('disconnect', () => process.exit(0));
