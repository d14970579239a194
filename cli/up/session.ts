import { readSettings, writeSettings } from '../settings.ts';

/**
 * Lets every other command of this user ask the fleet that runs here, for as long as this process is there; what
 * `login` remembers stays as it is.
 * @returns what takes it back
 */
export async function openSession(
  environment: NodeJS.ProcessEnv,
  url: string,
  tokenFile: string,
): Promise<() => Promise<void>> {
  const { pid } = process;
  await writeSettings(environment, { ...(await readSettings(environment)), up: { url, tokenFile, pid } });
  return async () => {
    const { up, ...others } = await readSettings(environment);
    if (up?.pid === pid) await writeSettings(environment, others);
  };
}
