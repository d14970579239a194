import { Command } from 'commander';
import { type CommandContext, connect, examples, type OutputFlags, outputOption, printAs } from '../context.ts';
import { decide } from '../promotion/decide.ts';
import { broughtBy } from '../promotion/view.ts';
import { environmentOption, reasonOption } from './options.ts';

interface RejectFlags extends OutputFlags {
  readonly environment?: string;
  readonly reason?: string;
}

/** `fairway reject` */
export function rejectCommand(context: CommandContext): Command {
  return new Command('reject')
    .description('End a promotion that waits, as somebody who could have approved it.')
    .argument('<promotion>', 'its number, or its application')
    .addOption(environmentOption('of the application'))
    .addOption(reasonOption().makeOptionMandatory())
    .addOption(outputOption())
    .addHelpText('after', examples('fairway reject shop --env prod --reason "the migration is missing"'))
    .action(async (name: string, flags: RejectFlags, command: Command) => {
      const client = await connect(context, command);
      const { environment = null, reason } = flags;
      const promotion = await decide(client, 'reject', name, { environment, reason, plan: undefined });
      printAs(context, flags, promotion, (all) => `Rejected ${broughtBy(all)} → ${all.environment}.`);
    });
}
