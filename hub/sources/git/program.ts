import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FairwayError } from '../../../core/errors.ts';
import type { Credentials, PushAnswer } from '../mirror.ts';
import type { RemoteAddress } from './address.ts';
import { type FetchAttempt, fetchAttempts, wholeBranch } from './attempts.ts';
import { branchRef } from './branch.ts';
import { gitError, programFailure, pushRefusal } from './failure.ts';

/** What the `git` program does: it reaches what isomorphic-git cannot, and reads nothing that users configured. */
export interface GitProgram {
  /** The commit at a branch. */
  remoteHead(branch: string): Promise<string>;
  /**
   * Brings a commit into a mirror.
   * @param firstCommittedAt see `fetchAttempts`
   * @param arrived is asked after each attempt
   */
  fetch(
    directory: string,
    commit: string,
    branch: string,
    firstCommittedAt: number | null,
    arrived: () => Promise<boolean>,
  ): Promise<void>;
  /** Brings all of a branch's history into a mirror. */
  deepen(directory: string, branch: string): Promise<void>;
  /** Sends a commit of a mirror to a branch. @param force whatever stands there now */
  push(directory: string, commit: string, branch: string, force: boolean): Promise<PushAnswer>;
}

/** A fetch that brings objects, and writes nothing else. */
const quietly = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', '--no-recurse-submodules'];
/** Milliseconds. */
const timeouts = { head: 20_000, fetch: 600_000, push: 120_000 };

/**
 * @param scratch folder for the program's settings and, while a command runs, for the key; made where it is missing
 */
export function gitProgram(
  address: Exclude<RemoteAddress, { transport: 'http' }>,
  credentials: Credentials | null,
  scratch: string,
): GitProgram {
  const remote = address.transport === 'path' ? address.path : address.url;

  const run = async (timeout: number, what: string, commandLine: readonly string[]) => {
    const folder = await prepare(scratch);
    try {
      const environment = { ...baseEnvironment(scratch), ...(await sshEnvironment(address, credentials, folder)) };
      return await execute(commandLine, folder, environment, timeout, remote, what);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };

  const fetchOnce = async (directory: string, { want, history }: FetchAttempt, branch: string) => {
    const reach =
      history.type === 'depth'
        ? [`--depth=${history.depth}`]
        : history.type === 'since'
          ? [`--shallow-since=${Math.floor(history.since / 1000)}`]
          : [];
    const refspec = want === branch ? branchRef(branch) : want;
    await run(timeouts.fetch, want === branch ? `branch ${want}` : `commit ${want}`, [
      ...['-C', directory, 'fetch', ...quietly, ...reach, '--', remote, refspec],
    ]);
  };

  return {
    async remoteHead(branch) {
      const ref = branchRef(branch);
      const output = await run(timeouts.head, `branch ${branch}`, ['ls-remote', '--', remote, ref]);
      const line = output.split('\n').find((entry) => entry.endsWith(`\t${ref}`));
      if (line === undefined) throw gitError('branch-missing', `${remote} has no branch ${branch}`);
      return line.slice(0, line.indexOf('\t'));
    },
    async fetch(directory, commit, branch, firstCommittedAt, arrived) {
      for (const attempt of fetchAttempts(commit, branch, firstCommittedAt)) {
        try {
          await fetchOnce(directory, attempt, branch);
        } catch (thrown) {
          if (!(thrown instanceof FairwayError) || thrown.code !== 'commit-missing') throw thrown;
        }
        if (await arrived()) return;
      }
      throw gitError('commit-missing', `${remote} has no commit ${commit}`);
    },
    deepen: (directory, branch) => fetchOnce(directory, wholeBranch(branch), branch),
    async push(directory, commit, branch, force) {
      const ref = branchRef(branch);
      const how = ['--porcelain', '--no-verify', ...(force ? ['--force'] : [])];
      const output = await run(timeouts.push, `branch ${branch}`, [
        ...['-C', directory, 'push', ...how, '--', remote, `${commit}:${ref}`],
      ]);
      return { refusal: pushRefusal(output) };
    },
  };
}

/** A folder for one command; beside it the settings file, the only one that git reads. */
async function prepare(scratch: string): Promise<string> {
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  // A repository of another user's may be read. It has to stand in a file: git hides `-c` from the side that serves a path.
  await writeFile(join(scratch, 'gitconfig'), '[safe]\n\tdirectory = *\n');
  return mkdtemp(join(scratch, 'command-'));
}

function baseEnvironment(scratch: string): NodeJS.ProcessEnv {
  return {
    // Where programs are found is the machine's affair, no setting of the hub's.
    PATH: process.env.PATH,
    HOME: scratch,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: join(scratch, 'gitconfig'),
    // Where the hub was started, or keeps its data, may lie in somebody's repository, whose settings are none of its.
    GIT_CEILING_DIRECTORIES: scratch,
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: 'file:ssh',
    GIT_PROTOCOL_FROM_USER: '0',
    GIT_OPTIONAL_LOCKS: '0',
  };
}

async function sshEnvironment(
  address: RemoteAddress,
  credentials: Credentials | null,
  folder: string,
): Promise<NodeJS.ProcessEnv> {
  if (address.transport !== 'ssh') return {};
  if (credentials?.type !== 'ssh') {
    throw gitError('git-refused', `${address.url} needs credentials of type ssh: a private key and known_hosts`);
  }
  const key = join(folder, 'key');
  const knownHosts = join(folder, 'known_hosts');
  await writeFile(key, `${credentials.privateKey.trim()}\n`, { mode: 0o600 });
  await writeFile(knownHosts, `${credentials.knownHosts.trim()}\n`, { mode: 0o600 });
  const options = {
    IdentityFile: key,
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    UserKnownHostsFile: knownHosts,
    GlobalKnownHostsFile: '/dev/null',
    StrictHostKeyChecking: 'yes',
    BatchMode: 'yes',
    ConnectTimeout: '10',
    ServerAliveInterval: '10',
  };
  const given = Object.entries(options).map(([name, value]) => `-o ${quote(`${name}=${value}`)}`);
  return { GIT_SSH_COMMAND: `ssh -F /dev/null ${given.join(' ')}`, GIT_SSH_VARIANT: 'ssh' };
}

/** For the shell that git runs its SSH command in. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function execute(
  commandLine: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  timeout: number,
  remote: string,
  what: string,
): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('git', commandLine, { cwd, env, timeout, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      // A push that the remote refuses is answered, in the form that programs read.
      if (error === null || pushRefusal(stdout) !== null) resolve(stdout);
      else if (error.code === 'ENOENT') reject(gitError('git-missing', `reading ${remote} needs the git program`));
      else if (error.killed) reject(gitError('git-unreachable', `${remote} did not answer in ${timeout / 1000} s`));
      else reject(programFailure(stderr, remote, what));
    });
  });
}
