import { Command } from 'commander';
import { agentFlags } from '../../core/agent-flags.ts';
import { type CommandContext, examples } from '../context.ts';
import type { ExitCode } from '../exit.ts';
import { byVariable } from './hub.ts';

/** `fairway agent` */
export function agentCommand(context: CommandContext): Command {
  const command = new Command('agent').description(
    'Run the agent of one cluster: it dials the hub and keeps the cluster as the hub decided.',
  );
  for (const { name, value, text, variable } of agentFlags) {
    command.option(`--${name} <${value}>`, `${text} (${variable})`);
  }
  return command
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
