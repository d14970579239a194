import { Command } from 'commander';
import type { Promotion } from '../../proto/rest/promotions.ts';
import type { RolloutDetail } from '../../proto/rest/rollouts.ts';
import { type CommandContext, connect, examples, type OutputFlags, outputOption, printAs } from '../context.ts';
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
      const back =
        promotion.rollout === null ? null : await client.get<RolloutDetail>(`/rollouts/${promotion.rollout}`);
      printAs(context, flags, promotion, (all) => said(all, back));
    });
}

/** Where it goes back to, how to see it get there, and what stands afterwards. */
function said({ application, environment, kind, release }: Promotion, rollout: RolloutDetail | null): string {
  const target = kind === 'rollback' ? release : (rollout?.previous ?? null);
  const from = kind === 'rollback' ? '' : ` from ${release ?? 'its removal'}`;
  return [
    `${environment} goes back${from} to ${target ?? 'what is settled'}; its pin is held then.`,
    ...(rollout === null ? [] : [`Follow it with \`fairway rollout watch ${rollout.id}\`.`]),
    `Automation leaves it alone until \`fairway hold lift ${application} --env ${environment}\`.`,
  ].join('\n');
}
