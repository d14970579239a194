import type { Command } from 'commander';
import { Option } from 'commander';
import { stringify } from 'yaml';
import { type Client, createClient } from './client.ts';
import { type ConnectionFlags, locateHub } from './connection.ts';
import type { ExitCode } from './exit.ts';
import type { Terminal } from './terminal.ts';
import { watchFleet } from './watch.ts';

/** What every command is given. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly environment: NodeJS.ProcessEnv;
  /** What the process is to end with; 0 where no command says otherwise. */
  exitCode: ExitCode;
}

export interface OutputFlags {
  readonly output?: 'json' | 'yaml' | undefined;
  readonly watch?: boolean | undefined;
}

/** The client that a command's flags, the environment and `login` lead to. */
export async function connect({ environment }: CommandContext, command: Command): Promise<Client> {
  return createClient(await locateHub(command.optsWithGlobals<ConnectionFlags>(), environment));
}

/** `-o json|yaml`, for programs. */
export function outputOption(): Option {
  return new Option('-o, --output <format>', 'for programs').choices(['json', 'yaml']);
}

/** `--watch` */
export function watchOption(): Option {
  return new Option('-w, --watch', 'show it again whenever something happens, until Ctrl-C');
}

/** Prints a value as the flags ask: as text for people, or whole for programs. */
export function printAs<T>(
  { terminal }: CommandContext,
  { output }: OutputFlags,
  value: T,
  text: (value: T) => string,
): void {
  terminal.print(formatAs(output, value, text));
}

/** Prints what `read` finds, once or, with `--watch`, whenever something happened in the fleet. */
export async function show<T>(
  context: CommandContext,
  client: Client,
  flags: OutputFlags,
  read: () => Promise<T>,
  text: (value: T) => string,
): Promise<void> {
  const render = async () => formatAs(flags.output, await read(), text);
  if (flags.watch !== true) context.terminal.print(await render());
  else await watchFleet(context.terminal, client, render);
}

function formatAs<T>(output: OutputFlags['output'], value: T, text: (value: T) => string): string {
  switch (output) {
    case undefined:
      return text(value);
    case 'json':
      return JSON.stringify(value, null, 2);
    case 'yaml':
      return stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 }).trimEnd();
  }
}

/** The examples at the end of a command's help. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
}
