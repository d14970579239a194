import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** `nobody`: PostgreSQL refuses to run as root, so a hub that is root runs it as this user and group. */
const NOBODY = 65534;

/** The user and group that PostgreSQL is to run as, or nothing where it runs as the hub itself does. */
export function serverAccount(): { readonly uid: number; readonly gid: number } | undefined {
  return process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : undefined;
}

/**
 * How PostgreSQL's programs are told where the cluster is. The account that they run as may be unable to walk down
 * to it (`/root/…` is 0700), but the hub can start them *in* it, and `/proc/self/cwd` leads there without walking.
 */
export function clusterArgument(cluster: string): string {
  return serverAccount() === undefined ? cluster : '/proc/self/cwd';
}

/** Nothing of the hub's own environment, which may hold secrets, and one language for messages. */
export const serverEnvironment: NodeJS.ProcessEnv = { PATH: '/usr/bin:/bin:/usr/local/bin', LC_ALL: 'C', TZ: 'UTC' };

/**
 * Runs one of PostgreSQL's programs to its end, as the account and in the environment above.
 * @returns its exit status (null after a signal, or where it could not be started) and what it wrote
 */
export async function runProgram(
  program: string,
  parameters: readonly string[],
  cwd: string,
): Promise<{ readonly status: number | null; readonly output: string }> {
  const child = spawn(program, parameters, {
    ...serverAccount(),
    cwd,
    env: serverEnvironment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | Error | null>((resolve) => {
    child.once('error', resolve);
    child.once('close', resolve);
  });
  const [end, out, error] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return end instanceof Error
    ? { status: null, output: end.message }
    : { status: end, output: [error.trim(), out.trim()].filter(Boolean).join('\n') };
}
