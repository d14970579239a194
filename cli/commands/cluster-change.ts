import { Command } from 'commander';
import type { Cluster } from '../../proto/rest/clusters.ts';
import { type CommandContext, connect, examples, type OutputFlags, outputOption, printAs } from '../context.ts';
import { usageError } from '../exit.ts';
import { labelsText } from '../words.ts';
import { allowanceOf } from './cluster-register.ts';
import { gatherNames } from './options.ts';

interface ChangeFlags extends OutputFlags {
  readonly reason?: string;
}

/** The commands that change a cluster that is registered. */
export function changeCommands(context: CommandContext): Command[] {
  return [
    labelCommand(context),
    allowCommand(context),
    simpleCommand(context, {
      name: 'cordon',
      description: 'Give a cluster nothing new. It keeps what it runs.',
      reason: true,
      request: (path, body) => ['POST', `${path}/cordon`, body],
      sentence: ({ name }) => `Cluster ${name} is cordoned: it gets nothing new until it is uncordoned.`,
    }),
    simpleCommand(context, {
      name: 'uncordon',
      description: 'Let a cluster be given new releases again.',
      reason: false,
      request: (path) => ['POST', `${path}/uncordon`, undefined],
      sentence: ({ name }) => `Cluster ${name} gets new releases again.`,
    }),
    simpleCommand(context, {
      name: 'revoke',
      description: 'End the trust in a cluster at once. What runs in it goes on.',
      reason: true,
      request: (path, body) => ['POST', `${path}/revoke`, body],
      sentence: ({ name }) =>
        `Cluster ${name} is revoked: its agent is shut out. To let it back in: fairway cluster register ${name} --replace`,
    }),
    simpleCommand(context, {
      name: 'remove',
      description: 'Revoke a cluster and forget it. Nothing in it is touched.',
      reason: false,
      request: (path) => ['DELETE', path, undefined],
      sentence: ({ name }) => `Cluster ${name} is forgotten. What runs in it goes on, and nobody keeps it.`,
    }),
  ];
}

interface SimpleChange {
  readonly name: string;
  readonly description: string;
  readonly reason: boolean;
  request(path: string, body: unknown): readonly [method: 'POST' | 'DELETE', path: string, body: unknown];
  sentence(cluster: Cluster): string;
}

function simpleCommand(context: CommandContext, change: SimpleChange): Command {
  const command = new Command(change.name).description(change.description).argument('<name>', 'the cluster');
  if (change.reason) command.option('--reason <text>', 'why, for the ledger and for the next reader');
  return command
    .addOption(outputOption())
    .addHelpText(
      'after',
      examples(`fairway cluster ${change.name} eu-1${change.reason ? ' --reason "disk failing"' : ''}`),
    )
    .action(async (name: string, flags: ChangeFlags, self: Command) => {
      const client = await connect(context, self);
      const body = flags.reason === undefined ? {} : { reason: flags.reason };
      const cluster = await client.send<Cluster>(...change.request(`/clusters/${encodeURIComponent(name)}`, body));
      printAs(context, flags, cluster, change.sentence);
    });
}

function labelCommand(context: CommandContext): Command {
  return new Command('label')
    .description('Change labels: key=value sets one, key- takes one away. Labels in Git win.')
    .argument('<name>', 'the cluster')
    .argument('<changes...>', 'key=value or key-')
    .addOption(outputOption())
    .addHelpText(
      'after',
      examples('fairway cluster label eu-1 ring=canary', 'fairway cluster label eu-1 ring- region=eu'),
    )
    .action(async (name: string, changes: string[], flags: OutputFlags, command: Command) => {
      const labels = Object.fromEntries(changes.map(readChange));
      const client = await connect(context, command);
      const cluster = await client.send<Cluster>('PATCH', `/clusters/${encodeURIComponent(name)}`, { labels });
      printAs(
        context,
        flags,
        cluster,
        () => `Cluster ${name} has the labels ${labelsText(cluster.labels) || '(none)'}.`,
      );
    });
}

function readChange(text: string): [key: string, value: string | null] {
  const equals = text.indexOf('=');
  if (equals > 0) return [text.slice(0, equals), text.slice(equals + 1)];
  if (text.length > 1 && text.endsWith('-')) return [text.slice(0, -1), null];
  throw usageError(
    `${JSON.stringify(text)} is no change of a label`,
    'write key=value to set one, key- to take one away',
  );
}

interface AllowFlags extends OutputFlags {
  readonly kind?: string[];
  readonly namespace?: string[];
  readonly anything?: boolean;
}

function allowCommand(context: CommandContext): Command {
  return new Command('allow')
    .description('Bound what a cluster may receive.')
    .argument('<name>', 'the cluster')
    .option('--kind <kinds>', 'apps/*, v1/ConfigMap; every kind where left out', gatherNames)
    .option('--namespace <names>', 'shop, shop-*; every namespace where left out', gatherNames)
    .option('--anything', 'take the bounds away')
    .addOption(outputOption())
    .addHelpText(
      'after',
      examples(
        "fairway cluster allow edge-7 --kind 'apps/*,v1/ConfigMap' --namespace shop",
        'fairway cluster allow edge-7 --anything',
      ),
    )
    .action(async (name: string, flags: AllowFlags, command: Command) => {
      const path = `/clusters/${encodeURIComponent(name)}/allow`;
      const allow = allowanceOf({
        ...(flags.kind === undefined ? {} : { allowKind: flags.kind }),
        ...(flags.namespace === undefined ? {} : { allowNamespace: flags.namespace }),
      });
      if ((allow === undefined) === (flags.anything !== true)) {
        throw usageError('say what to allow', 'give --kind and --namespace, or --anything alone');
      }
      const client = await connect(context, command);
      const cluster =
        allow === undefined
          ? await client.send<Cluster>('DELETE', path)
          : await client.send<Cluster>('PUT', path, allow);
      printAs(context, flags, cluster, () =>
        allow === undefined
          ? `Cluster ${name} may receive anything.`
          : `Cluster ${name} may receive what was said. Its agent's own rights follow when its manifest is applied again.`,
      );
    });
}
