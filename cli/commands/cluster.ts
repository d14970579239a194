import { Command } from 'commander';
import type { Cluster } from '../../proto/rest/clusters.ts';
import {
  type CommandContext,
  connect,
  examples,
  type OutputFlags,
  outputOption,
  show,
  watchOption,
} from '../context.ts';
import { renderTable } from '../table.ts';
import { ago, healthSummary, labelsText, until, word } from '../words.ts';
import { changeCommands } from './cluster-change.ts';
import { registerCommand } from './cluster-register.ts';
import { renderCluster } from './cluster-text.ts';
import { environmentOption } from './options.ts';

/** `fairway cluster` */
export function clusterCommand(context: CommandContext): Command {
  const command = new Command('cluster')
    .description('Register clusters, look at them, label, bound, cordon, revoke and remove them.')
    .addHelpText(
      'after',
      examples(
        'fairway cluster register eu-1 --label env=prod -o token',
        'fairway cluster list',
        'fairway cluster show eu-1',
      ),
    )
    .addCommand(registerCommand(context))
    .addCommand(listCommand(context))
    .addCommand(showCommand(context));
  for (const change of changeCommands(context)) command.addCommand(change);
  return command;
}

interface ListFlags extends OutputFlags {
  readonly selector?: string;
  readonly environment?: string;
}

function listCommand(context: CommandContext): Command {
  return new Command('list')
    .description('List clusters.')
    .option('-l, --selector <labels>', 'only those with these labels: env=prod,region in (eu,us),!legacy')
    .addOption(environmentOption('only the members of an environment'))
    .addOption(outputOption())
    .addOption(watchOption())
    .addHelpText(
      'after',
      examples(
        'fairway cluster list',
        "fairway cluster list -l 'env=prod,region in (eu,us)'",
        'fairway cluster list -o json',
      ),
    )
    .action(async (flags: ListFlags, command: Command) => {
      const client = await connect(context, command);
      const query = { labelSelector: flags.selector, environment: flags.environment };
      const read = () => client.list<Cluster>('/clusters', query);
      await show(context, client, flags, read, (clusters) => {
        const now = Date.now();
        return renderTable(
          context.terminal,
          ['CLUSTER', 'STATE', 'ENVIRONMENTS', 'HEALTHY', 'DRIFT', 'LABELS', 'AGENT', 'SEEN', 'WAITS FOR', 'LEFT'],
          clusters.map((cluster) => [
            cluster.name,
            word(stateWord(cluster)),
            cluster.environments.join(','),
            healthSummary(cluster.placements),
            cluster.drifts,
            labelsText(cluster.labels),
            cluster.agentVersion,
            ago(cluster.lastSeenAt, now),
            cluster.wait?.reason ?? null,
            until(cluster.wait?.deadline ?? null, now),
          ]),
          'No cluster fits. Register one: fairway cluster register NAME --label env=dev',
        );
      });
    });
}

function stateWord({ state, connected, cordon }: Cluster): string {
  if (state !== 'joined') return state;
  const link = connected ? 'connected' : 'disconnected';
  return cordon === null ? link : `${link}, cordoned`;
}

function showCommand(context: CommandContext): Command {
  return new Command('show')
    .description('Show one cluster, and what it runs.')
    .argument('<name>', 'the cluster')
    .addOption(outputOption())
    .addOption(watchOption())
    .addHelpText('after', examples('fairway cluster show eu-1', 'fairway cluster show eu-1 -o yaml'))
    .action(async (name: string, flags: OutputFlags, command: Command) => {
      const client = await connect(context, command);
      const path = `/clusters/${encodeURIComponent(name)}`;
      const read = async () => {
        const [cluster, placements] = await Promise.all([
          client.get<Cluster>(path),
          client.list<Parameters<typeof renderCluster>[2][number]>(`${path}/placements`),
        ]);
        return { ...cluster, placed: placements };
      };
      await show(context, client, flags, read, ({ placed, ...cluster }) =>
        renderCluster(context.terminal, cluster, placed),
      );
    });
}
