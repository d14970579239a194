import { Command } from 'commander';
import type { Promotion } from '../../proto/rest/promotions.ts';
import { type CommandContext, connect, examples, type OutputFlags, outputOption, printAs } from '../context.ts';
import { renderPromotion } from '../promotion/view.ts';
import { findRollout } from '../rollout/find.ts';
import { environmentOption, reasonOption } from './options.ts';

interface RollbackFlags extends OutputFlags {
  readonly environment: string;
  readonly to?: string;
  readonly reason?: string;
}

/** `fairway rollback` */
export function rollbackCommand(context: CommandContext): Command {
  return new Command('rollback')
    .description('Give an environment back an earlier release, at once and through no gate; its pin is held then.')
    .argument('<application>', 'the application')
    .addOption(environmentOption('where').makeOptionMandatory())
    .option('--to <release>', 'APP@SHORTSHA of one that was settled there; the last other one where left out')
    .addOption(reasonOption())
    .addOption(outputOption())
    .addHelpText(
      'after',
      `\nAutomation leaves the pin alone until \`fairway hold lift\`.\n${examples(
        'fairway rollback shop --env prod --reason "errors in checkout"',
        'fairway rollback shop --env prod --to shop@1ca3c1141945',
      )}`,
    )
    .action(async (application: string, flags: RollbackFlags, command: Command) => {
      const client = await connect(context, command);
      const { environment, to, reason } = flags;
      const rollout = await findRollout(client, application, environment);
      const promotion = await client.send<Promotion>('POST', `/rollouts/${rollout}/rollback`, {
        ...(to === undefined ? {} : { to }),
        ...(reason === undefined ? {} : { reason }),
      });
      printAs(context, flags, promotion, (all) => renderPromotion(context.terminal, all, Date.now()).join('\n'));
    });
}
