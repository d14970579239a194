import { Command } from 'commander';
import type { Promotion, PromotionDetail } from '../../proto/rest/promotions.ts';
import type { Rollout } from '../../proto/rest/rollouts.ts';
import { type CommandContext, connect, examples, type OutputFlags, outputOption, printAs, show } from '../context.ts';
import { findPromotion } from '../promotion/find.ts';
import { broughtBy, renderPromotionWhole } from '../promotion/view.ts';
import { renderTable } from '../table.ts';
import { ago, waitLine, word } from '../words.ts';
import { environmentOption, findsJourneys, type JourneyFlags, reasonOption } from './options.ts';

/** `fairway promotion` */
export function promotionCommand(context: CommandContext): Command {
  return new Command('promotion')
    .description('See promotions: what they bring, and which gate each waits at.')
    .addHelpText(
      'after',
      `\nA promotion is named by its number, or by its application: the one that waits is meant then.\n${examples(
        'fairway promotion list --active',
        'fairway promotion show shop --env prod',
        'fairway promotion override 12 window --reason "stops the outage"',
      )}`,
    )
    .addCommand(listCommand(context))
    .addCommand(showCommand(context))
    .addCommand(overrideCommand(context))
    .addCommand(abortCommand(context));
}

function listCommand(context: CommandContext): Command {
  const list = new Command('list').description(
    'List promotions, newest first: where each stands, and what it waits for.',
  );
  return findsJourneys(list, 'promotions', 'waiting, pinning, pinned, rolling-out, settled, rolled-back, rejected, …')
    .addHelpText('after', examples('fairway promotion list --active', 'fairway promotion list --env prod --watch'))
    .action(async (flags: JourneyFlags, command: Command) => {
      const client = await connect(context, command);
      const { environment, application, state, active } = flags;
      const query = { environment, application, state, active };
      const read = () => client.list<Promotion>('/promotions', query, flags.limit);
      await show(context, client, flags, read, (promotions) =>
        renderTable(
          context.terminal,
          ['ID', 'BRINGS', 'TO', 'STATE', 'WHY', 'BY', 'AGE'],
          promotions.map((promotion) => [
            promotion.id,
            broughtBy(promotion),
            promotion.environment,
            word(promotion.state),
            waitsOf(promotion),
            promotion.requestedBy,
            ago(promotion.createdAt, Date.now()),
          ]),
          'No promotion fits.',
        ),
      );
    });
}

/** Its first wait, and how many more there are. */
function waitsOf({ waits, stateReason }: Promotion): string | null {
  const [first, ...others] = waits;
  if (first === undefined) return stateReason;
  return `${waitLine(first, Date.now())}${others.length === 0 ? '' : ` (and ${others.length} more)`}`;
}

const named = 'its number, or its application';

function showCommand(context: CommandContext): Command {
  return new Command('show')
    .description('Show a promotion: its gates, approvals, checks, overrides, and how much it changes.')
    .argument('<promotion>', named)
    .addOption(environmentOption('of the application'))
    .addOption(outputOption())
    .addHelpText('after', examples('fairway promotion show 12', 'fairway promotion show shop --env prod -o yaml'))
    .action(async (name: string, flags: OutputFlags & { environment?: string }, command: Command) => {
      const client = await connect(context, command);
      const id = await findPromotion(client, name, flags.environment ?? null);
      const promotion = await client.get<PromotionDetail>(`/promotions/${id}`);
      const isUnderWay = promotion.state === 'rolling-out' && promotion.rollout !== null;
      const rollout = isUnderWay ? await client.get<Rollout>(`/rollouts/${promotion.rollout}`) : null;
      printAs(context, flags, promotion, (all) => renderPromotionWhole(context.terminal, all, rollout, Date.now()));
    });
}

interface ChangeFlags extends OutputFlags {
  readonly environment?: string;
  readonly reason?: string;
}

function overrideCommand(context: CommandContext): Command {
  return new Command('override')
    .description('Open a gate of a promotion by force. It takes the role, and the ledger keeps why.')
    .argument('<promotion>', named)
    .argument('<gate>', 'eligibility, soak, check, approval, hold, window or rollout')
    .addOption(environmentOption('of the application'))
    .addOption(reasonOption().makeOptionMandatory())
    .addOption(outputOption())
    .addHelpText('after', examples('fairway promotion override shop window --env prod --reason "stops the outage"'))
    .action(async (name: string, gate: string, flags: ChangeFlags, command: Command) => {
      const client = await connect(context, command);
      const id = await findPromotion(client, name, flags.environment ?? null);
      const body = { gate, reason: flags.reason };
      const promotion = await client.send<Promotion>('POST', `/promotions/${id}/override`, body);
      // How it stands is decided after the answer: what is known by now would be the state of before.
      const more = `See how it goes on with \`fairway promotion show ${id}\`.`;
      printAs(context, flags, promotion, (all) => `Opened ${gate} of ${broughtBy(all)} → ${all.environment}. ${more}`);
    });
}

function abortCommand(context: CommandContext): Command {
  return new Command('abort')
    .description('End a promotion that waits; what it promoted from and to stays as it is.')
    .argument('<promotion>', named)
    .addOption(environmentOption('of the application'))
    .addOption(reasonOption())
    .addOption(outputOption())
    .addHelpText('after', examples('fairway promotion abort 12 --reason "no longer wanted"'))
    .action(async (name: string, flags: ChangeFlags, command: Command) => {
      const client = await connect(context, command);
      const id = await findPromotion(client, name, flags.environment ?? null);
      const body = flags.reason === undefined ? {} : { reason: flags.reason };
      const promotion = await client.send<Promotion>('POST', `/promotions/${id}/abort`, body);
      printAs(context, flags, promotion, (all) => `Promotion ${all.id} has ended.`);
    });
}
