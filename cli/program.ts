import { Command, CommanderError } from 'commander';
import { FairwayError } from '../core/errors.ts';
import { explain } from '../core/explain.ts';
import { version } from '../telemetry/version.ts';
import { agentCommand } from './commands/agent.ts';
import { approveCommand } from './commands/approve.ts';
import { checkCommand } from './commands/check.ts';
import { clusterCommand } from './commands/cluster.ts';
import { completeCommand, completionCommand } from './commands/completion.ts';
import { driftCommand } from './commands/drift.ts';
import { eventsCommand } from './commands/events.ts';
import { holdCommand } from './commands/hold.ts';
import { hubCommand } from './commands/hub.ts';
import { loginCommand } from './commands/login.ts';
import { notificationCommand } from './commands/notification.ts';
import { planCommand } from './commands/plan.ts';
import { promoteCommand } from './commands/promote.ts';
import { promotionCommand } from './commands/promotion.ts';
import { rejectCommand } from './commands/reject.ts';
import { releasesCommand } from './commands/releases.ts';
import { rollbackCommand } from './commands/rollback.ts';
import { rolloutCommand } from './commands/rollout.ts';
import { sourceCommand } from './commands/source.ts';
import { statusCommand } from './commands/status.ts';
import { tokenCommand } from './commands/token.ts';
import { upCommand } from './commands/up.ts';
import { validateCommand } from './commands/validate.ts';
import { type CommandContext, examples } from './context.ts';
import { exit, exitCodeOf, usageError } from './exit.ts';
import type { Terminal } from './terminal.ts';

/** Runs one command line. @returns the exit code */
export async function runProgram(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  terminal: Terminal,
): Promise<number> {
  const context: CommandContext = { terminal, environment, exitCode: exit.done };
  try {
    await createProgram(context).parseAsync([...args], { from: 'user' });
    return context.exitCode;
  } catch (error) {
    // Commander has said what is wrong already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exit.done : exit.usage;
    for (const line of explain('fairway', error)) terminal.note(line);
    if (environment.FAIRWAY_DEBUG && error instanceof Error && !(error instanceof FairwayError)) {
      terminal.note(String(error.stack));
    }
    return exitCodeOf(error);
  }
}

/** The whole tree of commands. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('fairway')
    .description('GitOps for fleets of Kubernetes clusters.')
    .version(version)
    .option('--url <url>', 'the hub to ask (FAIRWAY_URL)')
    .option('--token <token>', 'the token to ask with (FAIRWAY_TOKEN)')
    .addHelpText(
      'after',
      examples(
        'fairway up',
        'fairway hub --fleet-repo ~/fleet',
        'fairway cluster register eu-1 --label env=dev -o token',
        'fairway status --watch',
      ),
    )
    .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 usage, 3 waiting on a gate, 4 not found, 5 refused.');
  const commands = [
    upCommand,
    hubCommand,
    agentCommand,
    loginCommand,
    clusterCommand,
    sourceCommand,
    statusCommand,
    releasesCommand,
    checkCommand,
    planCommand,
    promoteCommand,
    promotionCommand,
    approveCommand,
    rejectCommand,
    holdCommand,
    rolloutCommand,
    rollbackCommand,
    driftCommand,
    eventsCommand,
    notificationCommand,
    validateCommand,
    tokenCommand,
    completionCommand,
  ];
  for (const command of commands) program.addCommand(command(context));
  program.addCommand(completeCommand(context, program), { hidden: true });
  settle(program, context);
  return program;
}

/** Commander neither ends the process nor writes past the terminal, and its errors look as all others do. */
function settle(command: Command, context: CommandContext): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => context.terminal.print(text.trimEnd()),
    writeErr: (text) => context.terminal.note(text.trimEnd()),
    outputError: (text) => {
      const error = usageError(text.replace(/^error: /, '').trimEnd(), `see \`${pathOf(command)} --help\``);
      for (const line of explain('fairway', error)) context.terminal.note(line);
    },
  });
  for (const child of command.commands) settle(child, context);
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
