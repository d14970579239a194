import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { messageOf } from '../../core/errors.ts';
import { type CommandContext, connect, type OutputFlags, printAs } from '../context.ts';
import { usageError } from '../exit.ts';

export interface RemoveFlags extends OutputFlags {
  readonly remove?: boolean;
}

/**
 * Has the hub store what `read` brings, or forget it with `--remove`, and says who uses it.
 * @param options.of whose credentials they are
 * @param options.users who uses them, by what the hub answers
 */
export async function keepCredentials<State extends { readonly stored: boolean }>(
  context: CommandContext,
  command: Command,
  flags: RemoveFlags,
  options: {
    readonly of: 'source' | 'notification';
    readonly name: string;
    readonly read: () => Promise<object>;
    readonly users: (state: State) => readonly string[];
  },
): Promise<void> {
  const { of, name } = options;
  const path = `/${of}s/${encodeURIComponent(name)}/credentials`;
  const client = await connect(context, command);
  const state =
    flags.remove === true
      ? await client.send<State>('DELETE', path)
      : await client.send<State>('PUT', path, await options.read());
  printAs(context, flags, state, () => {
    const users = options.users(state);
    const use = users.length === 0 ? `no ${of} uses them yet` : `used by ${users.join(', ')}`;
    return state.stored ? `Stored credentials ${name}; ${use}.` : `Forgot credentials ${name}.`;
  });
}

/** The text of a file that a flag names. @throws a usage error that names the flag */
export async function readNamed(flag: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw usageError(`${flag}: ${messageOf(error)}`);
  }
}
