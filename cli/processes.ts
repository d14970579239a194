import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { formatAddress } from '../core/address.ts';
import { createLogger } from '../telemetry/log.ts';
import { endSoon, untilSignal, untilStarted } from '../telemetry/signals.ts';
import { readVariableFiles } from '../telemetry/variable-files.ts';

/**
 * Starts the two processes. The one file of the command line that reaches into `hub/` and `agent/`, and it loads
 * them only when asked, so that no other command pays for them.
 */

/**
 * What a hub holds lives as long as its streams. V8 would let garbage grow to several times that before it looks; with
 * ten thousand agents this halves the heap, for a sixth more CPU while a commit goes out to all.
 */
const heapFlags = '--heap-growing-percent=30';

type Flags = Readonly<Record<string, string | undefined>>;

/**
 * Runs a hub until a signal; resolves to the exit code.
 * @param flags by their variable's name: `FAIRWAY_HTTP`
 * @throws FairwayError where the configuration is wrong or a part does not open
 */
export async function runHub(flags: Flags): Promise<number> {
  setFlagsFromString(heapFlags);
  const [{ readHubConfig }, { startHub }] = await Promise.all([import('../hub/config.ts'), import('../hub/main.ts')]);
  const config = readHubConfig(flags, readVariableFiles(process.env));
  // Every user of the machine can read a process's command line, and this one may hold a database's password (A11).
  process.title = 'fairway hub';
  const log = createLogger('hub', config.logLevel);
  const signalled = untilSignal();
  const hub = await untilStarted(startHub(config, log), signalled);
  const token = existsSync(join(hub.dataDir, 'admin.token')) ? " (the administrator's token: admin.token)" : '';
  process.stdout.write(
    `Fairway hub is ready.\n  API     ${hub.url}\n  agents  ${formatAddress(hub.grpc)}\n  data    ${hub.dataDir}${token}\n`,
  );
  const end = await Promise.race([signalled, hub.failed]);
  if (end instanceof Error) {
    log.fatal({ error: end.message }, 'the hub cannot go on');
    endSoon();
  } else log.info({ signal: end }, 'stopping; the same signal again ends it at once');
  await hub.stop();
  return end instanceof Error ? 1 : 0;
}

/**
 * Runs an agent until a signal; resolves to the exit code.
 * @param flags by their variable's name: `FAIRWAY_HUB`
 * @throws FairwayError where the configuration is wrong or the hub refuses it for good
 */
export async function runAgent(flags: Flags): Promise<number> {
  const { runAgentProcess } = await import('../agent/process.ts');
  return runAgentProcess(flags, process.env);
}

/**
 * What all replicas of one hub share, by file.
 * @param dataDir of a hub that has been started; null: new keys
 * @throws FairwayError `hub-keys-missing`
 */
export async function hubKeys(dataDir: string | null): Promise<Readonly<Record<string, Buffer>>> {
  const { makeKeys, readKeys } = await import('../hub/fleet/keys.ts');
  return dataDir === null ? makeKeys() : readKeys(dataDir);
}
