import { Command } from 'commander';
import { FairwayError } from '../../core/errors.ts';
import { describeRef } from '../../core/objects/object.ts';
import type { Placement, PruneApproval } from '../../proto/rest/placements.ts';
import { type CommandContext, connect, examples, type OutputFlags, outputOption, printAs } from '../context.ts';

/** `fairway approve prune`: a person's word on deleting much at once (A6). */
export function approvePruneCommand(context: CommandContext): Command {
  return new Command('prune')
    .description('Let a release delete what it no longer has, where that is more than half of an application.')
    .argument('<cluster>', 'a cluster on which the deletion waits')
    .argument('<application>', 'the application')
    .addOption(outputOption())
    .addHelpText('after', examples('fairway approve prune eu-1 shop'))
    .action(async (cluster: string, application: string, flags: OutputFlags, command: Command) => {
      const client = await connect(context, command);
      const path = `/clusters/${encodeURIComponent(cluster)}/placements`;
      const [placement] = await client.list<Placement>(path, { application });
      if (placement === undefined) {
        throw new FairwayError(
          'placement-not-found',
          `Application ${application} is not placed on cluster ${cluster}.`,
          {
            details: { status: 404 },
            remedy: `see what is with \`fairway cluster show ${cluster}\``,
          },
        );
      }
      const held = placement.problems.filter(({ code }) => code === 'prune-held').map(({ object }) => object);
      const approval = await client.send<PruneApproval>(
        'POST',
        `${path}/${encodeURIComponent(application)}/prune-approval`,
        { release: placement.release },
      );
      printAs(context, flags, approval, ({ release, environment, clusters }) =>
        [
          `${release} may delete what it no longer has, in ${environment}: ${clusters.join(', ')}.`,
          ...held.map((object) => `  ${describeRef(object)}`),
        ].join('\n'),
      );
    });
}
