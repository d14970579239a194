import type { Terminal } from '../terminal.ts';
import type { UpDirectory } from './directory.ts';
import type { Example } from './examples.ts';
import type { RunningMember } from './members.ts';

export interface Introduction {
  readonly url: string;
  readonly tokenFile: string;
  readonly directory: UpDirectory;
  /** One at least. */
  readonly members: readonly RunningMember[];
  readonly example: Example;
  /** How people start the command line: `fairway`, or through npm. */
  readonly command: string;
  /** What is worth knowing about this start, a sentence each. */
  readonly notes: readonly string[];
}

/** Where everything is, and what to try, as commands that can be pasted. */
export function introduce(terminal: Pick<Terminal, 'style'>, introduction: Introduction): string {
  const { url, tokenFile, directory, members, example, command, notes } = introduction;
  const bold = (text: string) => terminal.style('bold', text);
  const places = [
    ['hub', url],
    ['token', tokenFile],
    ['fleet', `${directory.fleet}   a Git repository: commit in it, or push to it`],
    ...members.map(({ name, kubeconfig }) => [name, kubeconfig]),
    ['logs', directory.logs],
  ] as const;
  const width = Math.max(...places.map(([name]) => name.length));
  const last = members.at(-1);
  const tries = last === undefined ? [] : example.tries({ fleet: directory.fleet, last, command });
  return [
    bold('Fairway is up.'),
    '',
    ...places.map(([name, place]) => `  ${name.padEnd(width)}   ${place}`),
    ...notes.map((note) => `  ${note}`),
    '',
    bold('Try, in another terminal:'),
    '',
    ...tries.flatMap(({ sentence, commands }, index) => [
      `  ${index + 1}. ${sentence}`,
      ...commands.map((text) => `     ${text}`),
    ]),
    '',
    terminal.style('dim', 'Ctrl-C stops all of it; the next start takes up where it left off.'),
    '',
  ].join('\n');
}
