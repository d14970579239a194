import type { Terminal } from '../terminal.ts';
import type { UpDirectory } from './directory.ts';
import type { RunningMember } from './members.ts';

/** An example fleet, and what there is to try with it. */
export interface Example {
  /** Below `examples/`. */
  readonly folder: string;
  /** A change to commit: an expression for sed, the file that it changes. */
  readonly edit: { readonly expression: string; readonly file: string };
  /** What to do to a cluster by hand, for kubectl. */
  readonly tamper: string;
}

export const sandboxExample: Example = {
  folder: 'three-clusters',
  edit: { expression: '"s/greeting: .*/greeting: Hello at $(date +%T)/"', file: 'apps/shop/settings.yaml' },
  tamper: '-n shop scale deployment/web --replicas=9',
};

/** Makes one ConfigMap in clusters that somebody may need for other things. */
export const realExample: Example = {
  folder: 'first-fleet',
  edit: { expression: '"s/text: .*/text: hello at $(date +%T)/"', file: 'apps/hello/greeting.yaml' },
  tamper: `-n hello patch configmap greeting --type merge -p '{"data":{"text":"changed by hand"}}'`,
};

export interface Introduction {
  readonly url: string;
  readonly tokenFile: string;
  readonly directory: UpDirectory;
  readonly members: readonly RunningMember[];
  readonly example: Example;
  /** How people start the command line: `fairway`, or through npm. */
  readonly command: string;
  /** What is worth knowing about this start, a sentence each. */
  readonly notes: readonly string[];
}

/** Where everything is, and three things to try, as commands that can be pasted. */
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
  const file = quote(`${directory.fleet}/${example.edit.file}`);
  const last = members.at(-1);
  return [
    bold('Fairway is up.'),
    '',
    ...places.map(([name, place]) => `  ${name.padEnd(width)}   ${place}`),
    ...notes.map((note) => `  ${note}`),
    '',
    bold('Try, in another terminal:'),
    '',
    '  1. Commit a change. Every cluster has it a moment later.',
    `     sed -i.bak ${example.edit.expression} ${file} && git -C ${quote(directory.fleet)} commit -qam "Say hello"`,
    ...(last === undefined
      ? []
      : [
          `  2. Change ${last.name} by hand. It is put back.`,
          `     kubectl --kubeconfig ${quote(last.kubeconfig)} ${example.tamper}`,
        ]),
    '  3. Ask who it was.',
    `     ${command} drift list`,
    '',
    terminal.style('dim', 'Ctrl-C stops all of it; the next start takes up where it left off.'),
    '',
  ].join('\n');
}

/** A word for a POSIX shell. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
