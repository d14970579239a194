import { Command, Option } from 'commander';
import { isLocal, parseAddress } from '../../core/address.ts';
import type { Allowance, JoinToken } from '../../proto/rest/clusters.ts';
import { agentManifest } from '../agent-manifest.ts';
import { agentValues } from '../agent-values.ts';
import { type CommandContext, connect, examples } from '../context.ts';
import { usageError } from '../exit.ts';
import { gatherLabel, gatherNames } from './options.ts';

interface RegisterFlags {
  readonly label?: Record<string, string>;
  readonly allowKind?: string[];
  readonly allowNamespace?: string[];
  readonly replace?: boolean;
  readonly ttl?: string;
  readonly output?: 'token' | 'command' | 'manifest' | 'values' | 'json';
}

/** `fairway cluster register` */
export function registerCommand(context: CommandContext): Command {
  const { terminal } = context;
  return new Command('register')
    .description('Make a cluster known, and get what its agent needs to join. Its token counts once.')
    .argument('<name>', 'the cluster')
    .option('--label <key=value>', 'a label, by which environments select it; again for more', gatherLabel)
    .option('--allow-kind <kinds>', 'bound what it may receive: apps/*, v1/ConfigMap', gatherNames)
    .option('--allow-namespace <names>', 'bound where it may receive it: shop, shop-*', gatherNames)
    .option('--replace', 'let a rebuilt cluster join under its old name; its old agent is shut out')
    .option('--ttl <duration>', 'how long the token counts, 1h where left out: 15m, 12h')
    .addOption(
      new Option('-o, --output <format>', 'what to print; values: those of the Helm chart fairway-agent').choices([
        'token',
        'command',
        'manifest',
        'values',
        'json',
      ]),
    )
    .addHelpText(
      'after',
      examples(
        'fairway cluster register eu-1 --label env=prod --label region=eu -o token > join.token',
        'fairway cluster register eu-1 --label env=prod -o manifest | kubectl apply -f -',
        "fairway cluster register edge-7 --allow-kind 'apps/*,v1/ConfigMap' --allow-namespace shop -o manifest",
        'fairway cluster register eu-1 -o values | helm install fairway-agent deploy/helm/fairway-agent -f -',
        'fairway cluster register eu-1 --replace -o command',
      ),
    )
    .action(async (name: string, flags: RegisterFlags, command: Command) => {
      const client = await connect(context, command);
      const allow = allowanceOf(flags);
      const joined = await client.send<JoinToken>('POST', '/clusters', {
        name,
        ...(flags.label === undefined ? {} : { labels: flags.label }),
        ...(allow === undefined ? {} : { allow }),
        ...(flags.replace === undefined ? {} : { replace: flags.replace }),
        ...(flags.ttl === undefined ? {} : { ttl: flags.ttl }),
      });
      for (const warning of joined.warnings) terminal.note(`warning: ${warning}`);
      if (isInCluster(flags.output) && isLocal(parseAddress(joined.hub, 'hub'))) {
        terminal.note(
          `warning: the agent is told to dial ${joined.hub}, which leads a Pod to itself; start the hub with --grpc 0.0.0.0:7443 --grpc-public HOST:7443`,
        );
      }
      terminal.print(render(joined, flags.output));
    });
}

/** Undefined where no flag says anything: a replaced cluster keeps its bounds. */
export function allowanceOf({
  allowKind,
  allowNamespace,
}: Pick<RegisterFlags, 'allowKind' | 'allowNamespace'>): Allowance | undefined {
  if (allowKind === undefined && allowNamespace === undefined) return undefined;
  return {
    ...(allowKind === undefined ? {} : { kinds: allowKind }),
    ...(allowNamespace === undefined ? {} : { namespaces: allowNamespace }),
  };
}

function render(joined: JoinToken, output: RegisterFlags['output']): string {
  const { cluster, token, hub, expiresAt } = joined;
  switch (output) {
    case 'token':
      return token;
    case 'command':
      return agentCommandLine(joined);
    case 'json':
      return JSON.stringify(joined, null, 2);
    case 'manifest':
      return agentManifest({ ...joined, agentImage: imageOf(joined) });
    case 'values':
      return agentValues({ ...joined, agentImage: imageOf(joined) });
    case undefined:
      return [
        `Cluster ${cluster} is registered. Its agent has until ${expiresAt} to join, once, at ${hub}:`,
        '',
        `  ${agentCommandLine(joined)}`,
        '',
        `In the cluster instead: fairway cluster register ${cluster} --replace -o manifest | kubectl apply -f -`,
        `The token alone: ${token}`,
      ].join('\n');
  }
}

/** Whether the agent is to run as a Pod. */
function isInCluster(output: RegisterFlags['output']): boolean {
  return output === 'manifest' || output === 'values';
}

function imageOf({ agentImage }: JoinToken): string {
  if (agentImage !== null) return agentImage;
  throw usageError('the hub names no image of the agent', 'set FAIRWAY_AGENT_IMAGE at the hub');
}

function agentCommandLine({ cluster, token, hub }: JoinToken): string {
  return `fairway agent --hub ${hub} --join-token ${token} --kubeconfig ~/.kube/config --data-dir ~/.fairway-agent/${cluster}`;
}
