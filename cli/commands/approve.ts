import { Command } from 'commander';
import { type CommandContext, examples } from '../context.ts';
import { approvePruneCommand } from './approve-prune.ts';

/** `fairway approve` */
export function approveCommand(context: CommandContext): Command {
  return new Command('approve')
    .description("Give a person's word where something waits for it.")
    .addHelpText('after', examples('fairway approve prune eu-1 shop'))
    .addCommand(approvePruneCommand(context));
}
