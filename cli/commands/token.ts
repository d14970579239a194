import { Command } from 'commander';
import type { CreatedToken, Token } from '../../proto/rest/tokens.ts';
import { type CommandContext, connect, examples, type OutputFlags, outputOption, printAs } from '../context.ts';
import { type Cell, renderTable } from '../table.ts';
import { ago, until } from '../words.ts';
import { gatherNames } from './options.ts';

/** `fairway token` */
export function tokenCommand(context: CommandContext): Command {
  return new Command('token')
    .description('Make, list and revoke the tokens by which programs and people come in.')
    .addHelpText(
      'after',
      examples('fairway token create ci --role viewer', 'fairway token list', 'fairway token revoke ci'),
    )
    .addCommand(createCommand(context))
    .addCommand(listCommand(context))
    .addCommand(revokeCommand(context));
}

interface CreateFlags extends OutputFlags {
  readonly role: string;
  readonly environment?: string[];
  readonly tenant?: string[];
  readonly ttl?: string;
  readonly email?: string;
  readonly expires: boolean;
}

function createCommand(context: CommandContext): Command {
  return new Command('create')
    .description('Make a token. It is printed this once, alone on standard output.')
    .argument('<name>', 'names its bearer in the ledger; never used twice')
    .requiredOption('--role <role>', 'viewer, developer, approver, operator, auditor or admin')
    .option('--env, --environment <names>', 'only in these environments; everywhere where left out', gatherNames)
    .option('--tenant <names>', 'only for these tenants; all where left out', gatherNames)
    .option('--ttl <duration>', 'how long it counts, 90d where left out: 12h, 30d')
    .option('--no-expires', 'it counts until it is revoked')
    .option('--email <address>', 'of whoever bears it: they do not approve commits by that address')
    .addOption(outputOption())
    .addHelpText(
      'after',
      examples(
        'fairway token create ci --role viewer --ttl 30d > ci.token',
        'fairway token create lead --role operator --environment dev,staging',
        'fairway token create bob --role approver --email bob@example.com',
      ),
    )
    .action(async (name: string, flags: CreateFlags, command: Command) => {
      const client = await connect(context, command);
      const token = await client.send<CreatedToken>('POST', '/tokens', {
        name,
        role: flags.role,
        ...(flags.environment === undefined ? {} : { environments: flags.environment }),
        ...(flags.tenant === undefined ? {} : { tenants: flags.tenant }),
        ...(flags.email === undefined ? {} : { email: flags.email }),
        ...(flags.expires ? (flags.ttl === undefined ? {} : { ttl: flags.ttl }) : { ttl: null }),
      });
      printAs(context, flags, token, () => token.token);
      context.terminal.note(
        token.expiresAt === null
          ? 'It does not expire. It is not shown again.'
          : `It counts until ${token.expiresAt}. It is not shown again.`,
      );
    });
}

function listCommand(context: CommandContext): Command {
  return new Command('list')
    .description('List tokens: what they may do, and whether anybody uses them.')
    .addOption(outputOption())
    .addHelpText('after', examples('fairway token list', 'fairway token list -o json'))
    .action(async (flags: OutputFlags, command: Command) => {
      const client = await connect(context, command);
      const now = Date.now();
      printAs(context, flags, await client.list<Token>('/tokens'), (tokens) =>
        renderTable(
          context.terminal,
          ['NAME', 'ROLE', 'ENVIRONMENTS', 'TENANTS', 'MADE BY', 'AGE', 'USED', 'EXPIRES IN'],
          tokens.map((token) => [
            token.name,
            token.role,
            token.environments.join(','),
            token.tenants.join(','),
            token.createdBy,
            ago(token.createdAt, now),
            ago(token.lastUsedAt, now),
            endOf(token, now),
          ]),
          'There is no token.',
        ),
      );
    });
}

function endOf({ revokedAt, expiresAt }: Token, now: number): Cell {
  if (revokedAt !== null) return { text: 'revoked', style: 'red' };
  if (expiresAt !== null && Date.parse(expiresAt) <= now) return { text: 'expired', style: 'red' };
  return until(expiresAt, now) ?? 'never';
}

function revokeCommand(context: CommandContext): Command {
  return new Command('revoke')
    .description('End a token at once.')
    .argument('<name>', 'its name, or its id')
    .addOption(outputOption())
    .addHelpText('after', examples('fairway token revoke ci'))
    .action(async (name: string, flags: OutputFlags, command: Command) => {
      const client = await connect(context, command);
      const token = await client.send<Token>('DELETE', `/tokens/${encodeURIComponent(name)}`);
      printAs(context, flags, token, () => `Token ${token.name} no longer counts.`);
    });
}
