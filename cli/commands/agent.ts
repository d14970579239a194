import { Command } from 'commander';
import { type CommandContext, examples } from '../context.ts';
import type { ExitCode } from '../exit.ts';
import { byVariable } from './hub.ts';

/** `fairway agent` */
export function agentCommand(context: CommandContext): Command {
  return new Command('agent')
    .description('Run the agent of one cluster: it dials the hub and keeps the cluster as the hub decided.')
    .option('--hub <host:port>', 'the hub to dial (FAIRWAY_HUB)')
    .option('--join-token <token>', 'from `fairway cluster register`; needed once (FAIRWAY_JOIN_TOKEN)')
    .option('--kubeconfig <file>', 'outside a cluster: how to reach it (KUBECONFIG)')
    .option('--data-dir <directory>', 'where to keep state; in a cluster, Secrets do where left out (FAIRWAY_DATA_DIR)')
    .option('--health <host:port>', 'where probes may ask (FAIRWAY_HEALTH)')
    .option('--log-level <level>', 'debug, info, warn or error (FAIRWAY_LOG_LEVEL)')
    .addHelpText(
      'after',
      examples(
        'fairway agent --hub 127.0.0.1:7443 --join-token "$(cat join.token)" --kubeconfig ~/.kube/config --data-dir ~/.fairway-agent',
      ),
    )
    .action(async (flags: Record<string, string | undefined>) => {
      const { runAgent } = await import('../processes.ts');
      context.exitCode = (await runAgent(byVariable(flags))) as ExitCode;
    });
}
