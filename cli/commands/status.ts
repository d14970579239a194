import { Command } from 'commander';
import type { Status } from '../../proto/rest/status.ts';
import {
  type CommandContext,
  connect,
  examples,
  type OutputFlags,
  outputOption,
  show,
  watchOption,
} from '../context.ts';
import { applicationsCommand, environmentsCommand, placementsCommand, windowsCommand } from './status-lists.ts';
import { renderStatus } from './status-text.ts';

/** `fairway status` */
export function statusCommand(context: CommandContext): Command {
  return new Command('status')
    .description(
      'Show the fleet at a glance: health by environment and application, what waits, what moves, what is wrong.',
    )
    .addOption(outputOption())
    .addOption(watchOption())
    .addHelpText('after', examples('fairway status', 'fairway status --watch', 'fairway status -o json'))
    .addCommand(environmentsCommand(context))
    .addCommand(applicationsCommand(context))
    .addCommand(placementsCommand(context))
    .addCommand(windowsCommand(context))
    .action(async (_flags: unknown, command: Command) => {
      const client = await connect(context, command);
      const read = () => client.get<Status>('/status');
      await show(context, client, command.opts<OutputFlags>(), read, (status) =>
        renderStatus(context.terminal, status),
      );
    });
}
