import { Command } from 'commander';
import type { PromotionDetail } from '../../proto/rest/promotions.ts';
import { type CommandContext, connect, examples, type OutputFlags, outputOption, printAs } from '../context.ts';
import { planSum } from '../plan-text.ts';
import { decide } from '../promotion/decide.ts';
import { broughtBy } from '../promotion/view.ts';
import { approvePruneCommand } from './approve-prune.ts';
import { environmentOption, reasonOption } from './options.ts';

interface ApproveFlags extends OutputFlags {
  readonly environment?: string;
  readonly reason?: string;
  readonly plan?: string;
}

/** `fairway approve` */
export function approveCommand(context: CommandContext): Command {
  return new Command('approve')
    .description("Give a person's word where something waits for it: to a promotion, or to a deletion.")
    .argument('<promotion>', 'its number, or its application')
    .addOption(environmentOption('of the application'))
    .option('--plan <digest>', 'only if its plan is still this one; as it is now where left out')
    .addOption(reasonOption())
    .addOption(outputOption())
    .addHelpText(
      'after',
      `\nAn approval holds for the plan alone that was approved: look at it first with \`fairway promotion show\`, or whole\nwith \`fairway plan\`.\n${examples(
        'fairway approve 12',
        'fairway approve shop --env prod --reason "looks good"',
        'fairway approve prune eu-1 shop',
      )}`,
    )
    .addCommand(approvePruneCommand(context))
    .action(async (name: string, flags: ApproveFlags, command: Command) => {
      const client = await connect(context, command);
      const { environment = null, reason, plan } = flags;
      const promotion = await decide(client, 'approve', name, { environment, reason, plan });
      printAs(context, flags, promotion, said);
    });
}

function said(promotion: PromotionDetail): string {
  const { approvals, environment, plan } = promotion;
  return [
    `Approved ${broughtBy(promotion)} → ${environment}: ${approvals.given} of ${approvals.required}.`,
    ...(plan === null ? [] : [planSum(plan)]),
  ].join('\n');
}
