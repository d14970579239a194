import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { dataHome } from '../../core/data-home.ts';
import { FairwayError, messageOf } from '../../core/errors.ts';
import { parseLogLevel } from '../../telemetry/log.ts';
import { endSoon, untilSignal, untilStarted } from '../../telemetry/signals.ts';
import { createClient } from '../client.ts';
import { type ExitCode, exit } from '../exit.ts';
import type { Terminal } from '../terminal.ts';
import { claimDirectory, layOut, type UpDirectory } from './directory.ts';
import { chooseExample, type Example } from './examples.ts';
import { type Fleet, lockDirectory, resetDirectory, startFleet } from './fleet.ts';
import { introduce } from './introduction.ts';
import { realMembers } from './members.ts';
import { chooseAddress } from './port.ts';
import { quote } from './quote.ts';
import { prepareRepository } from './repository.ts';
import { createScreen } from './screen.ts';
import { openSession } from './session.ts';
import { viewFleet } from './view.ts';

export interface UpFlags {
  /** Of clusters to use instead of sandboxes. */
  readonly kubeconfig?: readonly string[];
  /** The folder of an example fleet. */
  readonly example?: string;
  readonly dataDir?: string;
  readonly http?: string;
  readonly grpc?: string;
  readonly reset?: boolean;
  readonly logLevel?: string;
}

export interface UpContext {
  readonly terminal: Terminal;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Runs a fleet until a signal: a hub, clusters, their agents and a fleet repository; shows what happens in it.
 * @throws FairwayError of the part that did not start
 */
export async function runUp(flags: UpFlags, context: UpContext): Promise<ExitCode> {
  const signalled = untilSignal();
  const { kubeconfig = [], reset = false } = flags;
  const real = kubeconfig.length > 0;
  const example = chooseExample(flags.example, real);
  const members = example.members ?? (await realMembers(kubeconfig));
  const logLevel = parseLogLevel('--log-level', flags.logLevel ?? null);
  const home = dataHome({ HOME: homedir(), ...context.environment });
  const directory = layOut(resolve(flags.dataDir ?? join(home, homeOf(example))));

  const held = await claimDirectory(directory, example.folder);
  const release = await lockDirectory(directory);
  try {
    if (reset) await resetDirectory(directory, example.folder);
    else if (held !== example.folder) throw otherFleet(directory, held, example);
    await prepareRepository(directory.fleet, example.folder);
    const http = await chooseAddress(flags.http, 7070, '--http');
    const grpc = await chooseAddress(flags.grpc, 7443, '--grpc');
    context.terminal.print(real ? 'Starting a hub …' : `Starting a hub and ${members.length} sandbox clusters …`);
    const { environment } = context;
    const starting = startFleet({ directory, members, http, grpc, logLevel, environment });
    const fleet = await untilStarted(starting, signalled);
    try {
      const notes = http.port === 0 ? ['Port 7070 is taken, so the hub listens on another.'] : [];
      return await watchOver(context, { fleet, directory, example, notes }, signalled);
    } finally {
      await fleet.stop();
    }
  } finally {
    await release();
  }
}

/** Each example keeps what it has in a directory of its own. */
function homeOf({ folder, members }: Example): string {
  if (members === null) return 'up-real';
  return folder === chooseExample(undefined, false).folder ? 'up' : `up-${folder}`;
}

function otherFleet({ path }: UpDirectory, held: string, { folder }: Example): FairwayError {
  return new FairwayError('up-directory-other', `the fleet in ${path} is ${held}, not ${folder}`, {
    field: '--data-dir',
    remedy: 'give another directory with --data-dir, or begin anew with --reset',
  });
}

interface Watched {
  readonly fleet: Fleet;
  readonly directory: UpDirectory;
  readonly example: Example;
  readonly notes: readonly string[];
}

/** Introduces the fleet, lets the agents join, and shows what happens until it is to end. */
async function watchOver(
  { terminal, environment }: UpContext,
  { fleet, directory, example, notes }: Watched,
  signalled: Promise<NodeJS.Signals>,
): Promise<ExitCode> {
  const { url, tokenFile, members } = fleet;
  const client = createClient({ url, token: (await readFile(tokenFile, 'utf8')).trim() });
  const closeSession = await openSession(environment, url, tokenFile).catch((error: unknown) => {
    terminal.note(`Other commands have to be told of this hub, by FAIRWAY_URL and FAIRWAY_TOKEN: ${messageOf(error)}`);
    return async () => undefined;
  });
  const command = commandLine(environment);
  const more = (await hasKubectl()) ? [] : ['kubectl is not installed: https://kubernetes.io/docs/tasks/tools/'];
  terminal.print(
    introduce(terminal, { url, tokenFile, directory, members, example, command, notes: [...notes, ...more] }),
  );

  const refused = new Map<string, string>();
  const screen = createScreen(process.stdout, environment.TERM === 'dumb');
  const ending = new AbortController();
  const nameWidth = Math.max(...members.map(({ name }) => name.length), 'fleet'.length);
  const view = viewFleet({ client, screen, terminal, refused, nameWidth, signal: ending.signal });
  const joining = fleet.join(client, (cluster, reason) => refused.set(cluster, messageOf(reason)));
  try {
    const end = await Promise.race([signalled, fleet.failed, view, joining.then(() => forever)]);
    if (!(end instanceof Error)) return exit.done;
    terminal.note(`The hub cannot go on: ${end.message}\nIts log: ${join(directory.logs, 'hub.log')}`);
    endSoon();
    return exit.failed;
  } finally {
    ending.abort();
    await Promise.allSettled([view, joining]);
    screen.close();
    terminal.print('Stopping …');
    await closeSession();
  }
}

const forever = new Promise<never>(() => undefined);

/** How the other commands are started: as this one was. */
function commandLine({ npm_package_json: manifest }: NodeJS.ProcessEnv): string {
  return manifest === undefined ? 'fairway' : `npm --prefix ${quote(dirname(manifest))} run -s fairway --`;
}

function hasKubectl(): Promise<boolean> {
  return new Promise((found) => {
    execFile('kubectl', ['version', '--client'], (error) => found(error?.code !== 'ENOENT'));
  });
}
