import { join } from 'node:path';
import type { Logger } from 'pino';
import { readAgentConfig } from '../../agent/config.ts';
import { readIdentity } from '../../agent/link/identity.ts';
import { startAgent } from '../../agent/main.ts';
import { openDiskState } from '../../agent/state/disk.ts';
import { type Address, formatAddress } from '../../core/address.ts';
import { FairwayError } from '../../core/errors.ts';
import { readHubConfig } from '../../hub/config.ts';
import { startHub } from '../../hub/main.ts';
import { openDataDirectory } from '../../hub/store/data-directory.ts';
import { stopOrphan } from '../../hub/store/embedded/orphan.ts';
import type { Cluster, JoinToken } from '../../proto/rest/clusters.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { closersFor } from '../../telemetry/closers.ts';
import { createLogger, type LogLevel } from '../../telemetry/log.ts';
import type { Client } from '../client.ts';
import { emptyDirectory, openLog, type UpDirectory } from './directory.ts';
import type { Member, RunningMember } from './members.ts';

/**
 * Starts a whole fleet in this one process: the second file of the command line that reaches into `hub/`, `agent/` and
 * `sandbox/`. One process, so that whatever ends it ends all of the fleet, and nothing is left to hinder the next one.
 */

export interface Fleet {
  /** Of the hub. */
  readonly url: string;
  /** Holds the administrator's token. */
  readonly tokenFile: string;
  readonly members: readonly RunningMember[];
  /** Settles when the hub cannot go on, and says why. */
  readonly failed: Promise<Error>;
  /**
   * Lets the agents join, or come back.
   * @param onRefused told of each that the hub refuses for good
   */
  join(client: Client, onRefused: (cluster: string, reason: Error) => void): Promise<void>;
  /** Ends everything in the reverse order of starting. */
  stop(): Promise<void>;
}

export interface FleetOptions {
  readonly directory: UpDirectory;
  readonly members: readonly Member[];
  readonly http: Address;
  readonly grpc: Address;
  readonly logLevel: LogLevel;
  /** Whose `OTEL_*` variables hold for the hub and the agents. */
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Takes the directory for this process alone, until it is released or the process ends.
 * @throws FairwayError `up-running`
 */
export async function lockDirectory({ path }: UpDirectory): Promise<() => Promise<void>> {
  try {
    const { release } = await openDataDirectory(path);
    return release;
  } catch (error) {
    if (!(error instanceof FairwayError) || error.code !== 'data-directory-in-use') throw error;
    const { pid } = error.details ?? {};
    throw new FairwayError('up-running', `a fleet runs in ${path} already (process ${pid})`, {
      field: '--data-dir',
      remedy: 'end that one with Ctrl-C, or run another beside it with --data-dir',
      cause: error,
    });
  }
}

/** Forgets what was kept, and begins anew with an example. Call it under the lock. */
export async function resetDirectory(directory: UpDirectory, example: string): Promise<void> {
  await stopOrphan(join(directory.hub, 'postgres'));
  await emptyDirectory(directory, example);
}

/**
 * Starts the sandboxes and the hub. Where a part does not start, those before it are ended again.
 * @throws FairwayError of the part that did not start
 */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { directory, members, http, grpc, logLevel } = options;
  const environment = telemetryVariables(options.environment);
  const log = createLogger('hub', logLevel, await openLog(directory, 'hub'));
  const closers = closersFor(log);
  try {
    const running = await Promise.all(
      members.map(async (member): Promise<RunningMember> => {
        const { kubeconfig, name } = member;
        if (kubeconfig !== null) return { ...member, kubeconfig };
        const sandbox = await startSandbox({ name, directory: directory.cluster(name) });
        closers.add(`sandbox ${name}`, () => sandbox.stop());
        return { ...member, kubeconfig: join(directory.cluster(name), 'kubeconfig') };
      }),
    );
    const config = readHubConfig(
      {
        FAIRWAY_HTTP: formatAddress(http),
        FAIRWAY_GRPC: formatAddress(grpc),
        FAIRWAY_DATA_DIR: directory.hub,
        FAIRWAY_FLEET_REPO: directory.fleet,
        FAIRWAY_LOG_LEVEL: logLevel,
      },
      environment,
    );
    const hub = await startHub(config, log);
    closers.add('hub', () => hub.stop());
    return {
      url: hub.url,
      tokenFile: join(hub.dataDir, 'admin.token'),
      members: running,
      failed: hub.failed,
      async join(client, onRefused) {
        const joining = running.map(async (member) => {
          const agentLog = createLogger('agent', logLevel, await openLog(directory, member.name));
          const joinToken = await joinTokenFor(client, directory, member, agentLog);
          const flags = {
            FAIRWAY_HUB: formatAddress(hub.grpc),
            KUBECONFIG: member.kubeconfig,
            FAIRWAY_DATA_DIR: directory.agent(member.name),
            FAIRWAY_LOG_LEVEL: logLevel,
            ...(joinToken === null ? {} : { FAIRWAY_JOIN_TOKEN: joinToken }),
          };
          const agent = await startAgent(readAgentConfig(flags, environment, null), agentLog);
          closers.add(`agent ${member.name}`, () => agent.stop());
          void agent.refused.then((reason) => onRefused(member.name, reason));
        });
        const failure = (await Promise.allSettled(joining)).find((joined) => joined.status === 'rejected');
        if (failure !== undefined) throw failure.reason;
      },
      stop: () => closers.close(),
    };
  } catch (error) {
    await closers.close();
    throw error;
  }
}

/** What is set for a hub or an agent of somebody's own is not for these. */
function telemetryVariables(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith('OTEL_')));
}

/** A token where the agent has to join: the first time, or because a start was killed before it had. Else null. */
async function joinTokenFor(
  client: Client,
  directory: UpDirectory,
  { name, labels }: Member,
  log: Logger,
): Promise<string | null> {
  const known = (await client.list<Cluster>('/clusters')).find((cluster) => cluster.name === name);
  // Who revoked it meant it.
  if (known?.state === 'revoked') return null;
  const identity = await readIdentity(await openDiskState(directory.agent(name)), log);
  if (known?.state === 'joined' && identity !== null) return null;
  const registration = known === undefined ? { name, labels } : { name, replace: true };
  return (await client.send<JoinToken>('POST', '/clusters', registration)).token;
}
