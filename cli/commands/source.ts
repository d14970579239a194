import { Command } from 'commander';
import type { CredentialsState, Source, SourceCredentials } from '../../proto/rest/sources.ts';
import {
  type CommandContext,
  connect,
  examples,
  type OutputFlags,
  outputOption,
  printAs,
  show,
  watchOption,
} from '../context.ts';
import { usageError } from '../exit.ts';
import { renderTable } from '../table.ts';
import { ago } from '../words.ts';
import { keepCredentials, type RemoveFlags, readNamed } from './stored-credentials.ts';

/** `fairway source` */
export function sourceCommand(context: CommandContext): Command {
  return new Command('source')
    .description('See the Git repositories that the hub follows, and give it what opens them.')
    .addHelpText('after', examples('fairway source list', 'fairway source credentials storefront --username bot'))
    .addCommand(listCommand(context))
    .addCommand(credentialsCommand(context))
    .addCommand(acceptCommand(context));
}

function listCommand(context: CommandContext): Command {
  return new Command('list')
    .description('List sources: their head, and whether they answer.')
    .addOption(outputOption())
    .addOption(watchOption())
    .addHelpText('after', examples('fairway source list', 'fairway source list -o json'))
    .action(async (flags: OutputFlags, command: Command) => {
      const client = await connect(context, command);
      await show(
        context,
        client,
        flags,
        () => client.list<Source>('/sources'),
        (sources) =>
          renderTable(
            context.terminal,
            ['SOURCE', 'URL', 'BRANCH', 'HEAD', 'SINCE', 'CREDENTIALS', 'STATE'],
            sources.map((source) => [
              source.name,
              source.url,
              source.branch,
              source.head?.commit.slice(0, 12) ?? null,
              ago(source.head?.seenAt ?? null, Date.now()),
              source.hasCredentials ? 'stored' : null,
              stateOf(source),
            ]),
            'The hub follows no repository yet.',
          ),
      );
    });
}

function stateOf({ removedAt, error, rewrittenHead }: Source): { text: string; style: 'red' | 'yellow' | 'green' } {
  if (removedAt !== null) return { text: 'no longer declared', style: 'yellow' };
  if (error !== null) return { text: error.message, style: 'red' };
  if (rewrittenHead !== null) return { text: `rewritten: ${rewrittenHead} is not followed`, style: 'yellow' };
  return { text: 'in order', style: 'green' };
}

interface CredentialsFlags extends RemoveFlags {
  readonly username?: string;
  readonly sshKey?: string;
  readonly knownHosts?: string;
  readonly webhookSecretFile?: string;
}

function credentialsCommand(context: CommandContext): Command {
  return new Command('credentials')
    .description('Give the hub what a source is read with. Nothing shows it again.')
    .argument('<name>', 'the source, or the name in its spec.credentials')
    .option('--username <name>', 'with a password or access token, asked for or read from standard input')
    .option('--ssh-key <file>', 'a private key without passphrase')
    .option('--known-hosts <file>', "the Git host's keys, with --ssh-key")
    .option('--webhook-secret-file <file>', 'what the Git host signs its hooks with')
    .option('--remove', 'forget what is stored')
    .addOption(outputOption())
    .addHelpText(
      'after',
      examples(
        'fairway source credentials storefront --username bot < token',
        'fairway source credentials fleet --ssh-key ~/.ssh/deploy --known-hosts ~/.ssh/known_hosts',
        'fairway source credentials storefront --remove',
      ),
    )
    .action(async (name: string, flags: CredentialsFlags, command: Command) => {
      await keepCredentials<CredentialsState>(context, command, flags, {
        ...{ of: 'source', name, read: () => readCredentials(context, name, flags), users: ({ sources }) => sources },
      });
    });
}

async function readCredentials(
  { terminal }: CommandContext,
  name: string,
  { username, sshKey, knownHosts, webhookSecretFile }: CredentialsFlags,
): Promise<SourceCredentials> {
  const hook =
    webhookSecretFile === undefined
      ? {}
      : { webhookSecret: (await readNamed('--webhook-secret-file', webhookSecretFile)).trim() };
  if (username !== undefined && sshKey !== undefined) throw usageError('--username and --ssh-key exclude each other');
  if (sshKey !== undefined) {
    if (knownHosts === undefined) {
      throw usageError(
        '--ssh-key needs --known-hosts',
        'ssh-keyscan HOST > known_hosts, and compare it with what the host publishes',
      );
    }
    const privateKey = await readNamed('--ssh-key', sshKey);
    return { type: 'ssh', privateKey, knownHosts: await readNamed('--known-hosts', knownHosts), ...hook };
  }
  if (username !== undefined) {
    const password = await terminal.askSecret(`Password or token of ${username} for ${name}: `);
    if (password === null) throw usageError('no password was given', 'give it on standard input');
    return { type: 'basic', username, password, ...hook };
  }
  if (webhookSecretFile !== undefined) return { type: 'none', ...hook };
  throw usageError('say what to store', 'give --username, --ssh-key, --webhook-secret-file, or --remove');
}

function acceptCommand(context: CommandContext): Command {
  return new Command('accept')
    .description('Take a head that does not descend from what runs, after a force-push that was meant.')
    .argument('<name>', 'the source')
    .argument('<commit>', 'the head that you have looked at, whole')
    .addOption(outputOption())
    .addHelpText('after', examples('fairway source accept fleet 3f2c9d0c1b7a4e5f60718293a4b5c6d7e8f90123'))
    .action(async (name: string, commit: string, flags: OutputFlags, command: Command) => {
      const client = await connect(context, command);
      const source = await client.send<Source>('POST', `/sources/${encodeURIComponent(name)}/accept`, { commit });
      printAs(context, flags, source, () => `${source.name} follows ${commit} from now on.`);
    });
}
