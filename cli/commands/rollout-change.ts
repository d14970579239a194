import { Command } from 'commander';
import type { Rollout } from '../../proto/rest/rollouts.ts';
import { type CommandContext, connect, examples, type OutputFlags, outputOption, printAs } from '../context.ts';
import { findRollout } from '../rollout/find.ts';
import { environmentOption, gatherNames, reasonOption } from './options.ts';

interface ChangeFlags extends OutputFlags {
  readonly environment?: string;
  readonly reason?: string;
  readonly clusters?: readonly string[];
  readonly cluster?: string;
  readonly wave?: string;
}

interface Change {
  readonly name: string;
  readonly description: string;
  readonly example: string;
  /** Adds what this one alone takes. */
  readonly flags?: (command: Command) => Command;
  readonly body?: (flags: ChangeFlags) => Readonly<Record<string, unknown>>;
  /** What is said once it is done. */
  readonly said: (rollout: Rollout) => string;
}

const changes: readonly Change[] = [
  {
    name: 'pause',
    description: 'Start nothing more; what is in flight may end.',
    example: 'fairway rollout pause shop --env prod --reason "errors in checkout"',
    said: ({ id }) => `Rollout ${id} is paused. Go on with \`fairway rollout resume ${id}\`.`,
  },
  {
    name: 'resume',
    description: 'Go on with a paused rollout, without the clusters that have failed.',
    example: 'fairway rollout resume 12',
    said: ({ id }) => `Rollout ${id} goes on.`,
  },
  {
    name: 'abort',
    description: 'End a rollout where it is: each cluster runs on what it runs.',
    example: 'fairway rollout abort 12 --reason "superseded by a hotfix"',
    said: ({ id }) => `Rollout ${id} has ended. See which clusters run what with \`fairway rollout show ${id}\`.`,
  },
  {
    name: 'retry',
    description: 'Try clusters again that failed or were skipped: all that failed where none is named.',
    example: 'fairway rollout retry 12 --clusters eu-1,eu-2',
    flags: (command) => command.option('--clusters <names>', 'only these', gatherNames),
    body: ({ clusters }) => (clusters === undefined ? {} : { clusters }),
    said: ({ id, state }) =>
      state === 'paused'
        ? `Rollout ${id} tries again once it goes on: it is paused. Let it with \`fairway rollout resume ${id}\`.`
        : `Rollout ${id} tries again.`,
  },
  {
    name: 'skip',
    description: 'Go on without a cluster, which catches up once the release is settled.',
    example: 'fairway rollout skip 12 --cluster eu-7 --reason "disk is being replaced"',
    flags: (command) => command.requiredOption('--cluster <name>', 'the cluster'),
    body: ({ cluster }) => ({ cluster }),
    said: ({ id }) => `Rollout ${id} goes on without it.`,
  },
  {
    name: 'approve',
    description: "Open a wave's gate, where the environment asks for a person.",
    example: 'fairway rollout approve shop --env prod --wave rest',
    flags: (command) => command.option('--wave <name>', 'which wave; the one that waits where left out'),
    body: ({ wave }) => (wave === undefined ? {} : { wave }),
    said: ({ id }) => `The wave of rollout ${id} is open.`,
  },
];

/** `fairway rollout pause|resume|abort|retry|skip|approve` */
export function changeCommands(context: CommandContext): readonly Command[] {
  return changes.map((change) => changeCommand(context, change));
}

function changeCommand(context: CommandContext, change: Change): Command {
  const { name, description, example, flags: addFlags, body, said } = change;
  const command = new Command(name)
    .description(description)
    .argument('<rollout>', 'its number, or its application')
    .addOption(environmentOption('of the application'))
    .addOption(reasonOption())
    .addOption(outputOption())
    .addHelpText('after', examples(example))
    .action(async (rollout: string, flags: ChangeFlags, command: Command) => {
      const client = await connect(context, command);
      const id = await findRollout(client, rollout, flags.environment ?? null);
      const { reason } = flags;
      const changed = await client.send<Rollout>('POST', `/rollouts/${id}/${name}`, {
        ...(reason === undefined ? {} : { reason }),
        ...body?.(flags),
      });
      printAs(context, flags, changed, said);
    });
  return addFlags === undefined ? command : addFlags(command);
}
