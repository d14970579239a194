import { Command } from 'commander';
import type { Rollout, RolloutDetail } from '../../proto/rest/rollouts.ts';
import { type CommandContext, connect, examples, type OutputFlags, outputOption, printAs, show } from '../context.ts';
import { exit } from '../exit.ts';
import { awaitRollout } from '../rollout/await.ts';
import { countsText } from '../rollout/bar.ts';
import { findRollout } from '../rollout/find.ts';
import { exitCodeOfRollout, followRollout } from '../rollout/follow.ts';
import { reasonOf, renderRollout } from '../rollout/view.ts';
import { renderTable } from '../table.ts';
import { createScreen } from '../up/screen.ts';
import { untilInterrupted } from '../watch.ts';
import { ago, waitLine, word } from '../words.ts';
import { environmentOption, findsJourneys, type JourneyFlags } from './options.ts';
import { changeCommands } from './rollout-change.ts';

/** `fairway rollout` */
export function rolloutCommand(context: CommandContext): Command {
  const command = new Command('rollout')
    .description('See releases on their way over the clusters of an environment, and steer them.')
    .addHelpText(
      'after',
      `\nA rollout is named by its number, or by its application: the one under way is meant then.\n${examples(
        'fairway rollout list',
        'fairway rollout watch shop --env prod',
        'fairway rollout pause 12 --reason "errors in checkout"',
      )}`,
    )
    .addCommand(listCommand(context))
    .addCommand(showCommand(context))
    .addCommand(watchCommand(context));
  for (const change of changeCommands(context)) command.addCommand(change);
  return command;
}

function listCommand(context: CommandContext): Command {
  const list = new Command('list').description('List rollouts, newest first: how far each is, and what it waits for.');
  return findsJourneys(list, 'rollouts', 'running, paused, rolling-back, completed, rolled-back, aborted or superseded')
    .addHelpText('after', examples('fairway rollout list --active', 'fairway rollout list --env prod --watch'))
    .action(async (flags: JourneyFlags, command: Command) => {
      const client = await connect(context, command);
      const { environment, application, state, active } = flags;
      const read = () => client.list<Rollout>('/rollouts', { environment, application, state, active }, flags.limit);
      await show(context, client, flags, read, (rollouts) =>
        renderTable(
          context.terminal,
          ['ID', 'APPLICATION', 'ENVIRONMENT', 'RELEASE', 'STATE', 'WAVE', 'CLUSTERS', 'WHY', 'AGE'],
          rollouts.map((rollout) => [
            rollout.id,
            rollout.application,
            rollout.environment,
            rollout.kind === 'removal' ? 'removal' : rollout.release,
            word(rollout.state),
            `${rollout.wave.position}/${rollout.wave.of} ${rollout.wave.name}`,
            countsText(rollout.clusters, rollout.gated),
            rollout.wait === null ? reasonOf(rollout) : waitLine(rollout.wait, Date.now()),
            ago(rollout.createdAt, Date.now()),
          ]),
          'No rollout fits.',
        ),
      );
    });
}

function showCommand(context: CommandContext): Command {
  return new Command('show')
    .description('Show a rollout: a bar a wave, its budget, what it waits for, and which clusters keep it.')
    .argument('<rollout>', 'its number, or its application')
    .addOption(environmentOption('of the application'))
    .addOption(outputOption())
    .addHelpText('after', examples('fairway rollout show 12', 'fairway rollout show shop --env prod -o yaml'))
    .action(async (name: string, flags: OutputFlags & { environment?: string }, command: Command) => {
      const client = await connect(context, command);
      const id = await findRollout(client, name, flags.environment ?? null);
      printAs(context, flags, await client.get<RolloutDetail>(`/rollouts/${id}`), (rollout) =>
        renderRollout(context.terminal, rollout, { now: Date.now(), columns: process.stdout.columns || 100 }).join(
          '\n',
        ),
      );
    });
}

function watchCommand(context: CommandContext): Command {
  return new Command('watch')
    .description('Follow a rollout to its end: live in a terminal, else a line a step.')
    .argument('<rollout>', 'its number, or its application')
    .addOption(environmentOption('of the application'))
    .addHelpText(
      'after',
      `\nOf an application, the rollout under way is followed, or the one that its promotion leads to; else the last one.\nIt ends with 0 where the rollout is completed, with 1 where it ended otherwise, and with 3 on Ctrl-C before.\n${examples(
        'fairway rollout watch 12',
        'fairway rollout watch shop --env prod',
        'fairway rollout watch shop --env prod | tee rollout.log',
      )}`,
    )
    .action(async (name: string, flags: { environment?: string }, command: Command) => {
      const client = await connect(context, command);
      const { terminal, environment } = context;
      const screen = createScreen(process.stdout, environment.TERM === 'dumb');
      const { signal, release } = untilInterrupted();
      const options = { client, screen, terminal, signal };
      try {
        const id = await awaitRollout(options, name, flags.environment ?? null);
        context.exitCode = id === null ? exit.waiting : exitCodeOfRollout(await followRollout(options, id));
      } finally {
        release();
        screen.close();
      }
    });
}
