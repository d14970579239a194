import { Command } from 'commander';
import { type CommandContext, examples } from '../context.ts';
import { sandboxExamples } from '../up/examples.ts';
import type { UpFlags } from '../up/run.ts';

/** `fairway up` */
export function upCommand(context: CommandContext): Command {
  return new Command('up')
    .description(
      'Run a whole fleet on this machine, to try things: a hub, three sandbox clusters, their agents, a repository.',
    )
    .option('--kubeconfig <file>', 'use this cluster instead of sandboxes; may be given again for another', append)
    .option('--example <name>', `which fleet to begin with: ${sandboxExamples.join(', ')}`)
    .option('--data-dir <directory>', 'where to keep everything, ~/.local/share/fairway/up where left out')
    .option('--http <host:port>', 'where the hub serves REST; left out: 127.0.0.1:7070, or any free port')
    .option('--grpc <host:port>', 'where the hub listens for agents; left out: 127.0.0.1:7443, or any free port')
    .option('--reset', 'forget everything that was kept, commits of the fleet repository too, and begin anew')
    .option('--log-level <level>', 'of the logs in the data directory: debug, info, warn or error')
    .addHelpText(
      'after',
      `\nIt shows where everything is, what to try, and what happens in the fleet. Ctrl-C ends all that it started;\nthe next start takes up where it left off. While it runs, the other commands ask its hub.\n${examples(
        'fairway up',
        'fairway up --reset',
        'fairway up --example promotion',
        'fairway up --kubeconfig ~/.kube/config --kubeconfig ~/.kube/other',
      )}`,
    )
    .action(async (flags: UpFlags) => {
      const { runUp } = await import('../up/run.ts');
      context.exitCode = await runUp(flags, context);
    });
}

function append(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}
