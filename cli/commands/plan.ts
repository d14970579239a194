import { Command } from 'commander';
import type { PlanAnswer, PlanRequest } from '../../proto/rest/plans.ts';
import { type CommandContext, connect, examples, type OutputFlags, outputOption, printAs } from '../context.ts';
import { exit, usageError } from '../exit.ts';
import { renderPlan } from '../plan-text.ts';
import type { Terminal } from '../terminal.ts';
import { environmentOption } from './options.ts';
import { problemLines } from './problem-lines.ts';

interface PlanFlags extends OutputFlags {
  readonly environment?: string;
  readonly cluster?: string;
  readonly commit?: string;
  readonly source?: string;
  readonly remove?: boolean;
}

/** `fairway plan` */
export function planCommand(context: CommandContext): Command {
  return new Command('plan')
    .description('Show what a release, or a commit before it is merged, would change: by cluster, object and field.')
    .argument('[application]', 'APP for its newest release, APP@REVISION for another one or for any whole commit')
    .addOption(environmentOption('only in this environment; in all that it is for where left out'))
    .option('--cluster <name>', 'only what changes on this cluster')
    .option('--commit <id>', 'everything that differs at this commit of the source, instead of one application')
    .option('--source <name>', 'the source of the commit, the fleet repository where left out')
    .option('--remove', 'what taking the application away would do')
    .addOption(outputOption())
    .addHelpText(
      'after',
      `\nNothing changes by it. Values of Secrets are not shown. It ends with 1 where the commit has mistakes.\n${examples(
        'fairway plan shop --env prod',
        'fairway plan shop@1ca3c1141945 --env prod --cluster eu-1',
        'fairway plan --commit "$(git rev-parse HEAD)" -o json',
        'fairway plan shop --env prod --remove',
      )}`,
    )
    .action(async (application: string | undefined, flags: PlanFlags, command: Command) => {
      const request = requestOf(application, flags);
      const client = await connect(context, command);
      const answer = await client.ask<PlanAnswer>('/plans', request);
      printAs(context, flags, answer, (all) => renderAnswer(context.terminal, all));
      if (answer.problems.some(({ severity }) => severity === 'error')) context.exitCode = exit.failed;
    });
}

function requestOf(application: string | undefined, flags: PlanFlags): PlanRequest {
  const [name, revision] = application?.split('@') ?? [];
  if ((name === undefined) === (flags.commit === undefined)) {
    throw usageError('say what to plan', 'name an application, or a commit with --commit');
  }
  const commit = flags.commit ?? revision;
  return {
    ...(name === undefined ? {} : { application: name }),
    ...(commit === undefined ? {} : { revision: commit }),
    ...(flags.source === undefined ? {} : { source: flags.source }),
    ...(flags.environment === undefined ? {} : { environment: flags.environment }),
    ...(flags.cluster === undefined ? {} : { cluster: flags.cluster }),
    ...(flags.remove === true ? { remove: true } : {}),
  };
}

function renderAnswer(terminal: Terminal, { plans, problems, unreleased }: PlanAnswer): string {
  const parts = plans.map((plan) => renderPlan(terminal, plan));
  if (problems.length > 0) parts.push(problemLines(terminal, problems).join('\n'));
  else if (plans.length === 0) parts.push('Nothing is planned: it is for no environment that you see.');
  if (unreleased && plans.length > 0) parts.push(terminal.style('dim', 'The commit is no release yet.'));
  return parts.join('\n\n');
}
