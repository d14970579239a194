import { Command } from 'commander';
import type { Hold, HoldChange } from '../../proto/rest/holds.ts';
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
import { environmentOption, reasonOption } from './options.ts';

interface HoldFlags extends OutputFlags {
  readonly environment?: string;
  readonly reason?: string;
}

/** Not a mandatory option: those of a command are mandatory for the commands below it too. */
function requireEnvironment({ environment }: HoldFlags): string {
  if (environment !== undefined) return environment;
  throw usageError('it is not said which environment is meant', 'name it with --env');
}

/** `fairway hold` */
export function holdCommand(context: CommandContext): Command {
  return new Command('hold')
    .description('Keep automation off what an environment runs of an application. The hold stands in the pin, in Git.')
    .argument('<application>', 'the application')
    .addOption(environmentOption('where'))
    .addOption(reasonOption())
    .addOption(outputOption())
    .addHelpText(
      'after',
      examples(
        'fairway hold shop --env prod --reason "sale until Monday"',
        'fairway hold list',
        'fairway hold lift shop --env prod',
      ),
    )
    .addCommand(listCommand(context))
    .addCommand(liftCommand(context))
    .action(async (application: string, flags: HoldFlags, command: Command) => {
      const environment = requireEnvironment(flags);
      const { reason } = flags;
      if (reason === undefined) throw usageError('it is not said why', 'give --reason: it stands in the pin');
      const client = await connect(context, command);
      const hold = await client.send<HoldChange>('POST', '/holds', { environment, application, reason });
      printAs(context, flags, hold, () => `Automation leaves ${application} in ${environment} alone.`);
    });
}

function listCommand(context: CommandContext): Command {
  return new Command('list')
    .description('List holds, as they stand in the pins.')
    .addOption(environmentOption('only in one environment'))
    .option('--application <name>', 'only of one application')
    .addOption(outputOption())
    .addOption(watchOption())
    .addHelpText('after', examples('fairway hold list', 'fairway hold list --env prod -o json'))
    .action(async (_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<OutputFlags & { environment?: string; application?: string }>();
      const client = await connect(context, command);
      const read = () =>
        client.list<Hold>('/holds', { environment: flags.environment, application: flags.application });
      await show(context, client, flags, read, (holds) =>
        renderTable(
          context.terminal,
          ['ENVIRONMENT', 'APPLICATION', 'RUNS', 'HELD BY', 'WHY'],
          holds.map(({ environment, application, release, revision, by, reason }) => [
            environment,
            application,
            release ?? revision.slice(0, 12),
            by,
            reason,
          ]),
          'Nothing is held.',
        ),
      );
    });
}

function liftCommand(context: CommandContext): Command {
  return new Command('lift')
    .description('Let automation go on.')
    .argument('<application>', 'the application')
    .addOption(environmentOption('where'))
    .addOption(reasonOption())
    .addOption(outputOption())
    .addHelpText('after', examples('fairway hold lift shop --env prod'))
    .action(async (application: string, _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<HoldFlags>();
      const environment = requireEnvironment(flags);
      const client = await connect(context, command);
      const query = flags.reason === undefined ? '' : `?${new URLSearchParams({ reason: flags.reason })}`;
      const lifted = await client.send<HoldChange>(
        'DELETE',
        `/holds/${environment}/${encodeURIComponent(application)}${query}`,
      );
      printAs(context, flags, lifted, () => `Automation goes on with ${application} in ${environment}.`);
    });
}
