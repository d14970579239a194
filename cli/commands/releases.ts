import { Command } from 'commander';
import type { Release } from '../../proto/rest/releases.ts';
import {
  type CommandContext,
  connect,
  examples,
  type OutputFlags,
  outputOption,
  show,
  watchOption,
} from '../context.ts';
import { renderTable } from '../table.ts';
import { ago } from '../words.ts';
import { limitOption } from './options.ts';

/** `fairway releases` */
export function releasesCommand(context: CommandContext): Command {
  return new Command('releases')
    .description('List releases, newest first: an application at one commit each.')
    .argument('[application]', 'only of this application')
    .addOption(limitOption('releases'))
    .addOption(outputOption())
    .addOption(watchOption())
    .addHelpText(
      'after',
      examples('fairway releases', 'fairway releases shop --limit 5', 'fairway releases shop -o json'),
    )
    .action(async (application: string | undefined, flags: OutputFlags & { limit: number }, command: Command) => {
      const client = await connect(context, command);
      const read = () => client.list<Release>('/releases', { application }, flags.limit);
      await show(context, client, flags, read, (releases) =>
        renderTable(
          context.terminal,
          ['RELEASE', 'FOR', 'TO RUN ON', 'RUNS ON', 'AGE', 'AUTHOR', 'MESSAGE'],
          releases.map(({ id, newest, environments, clusters, createdAt, author, message }) => [
            newest ? { text: id, style: 'bold' } : id,
            environments.join(','),
            clusters.assigned,
            clusters.running,
            ago(createdAt, Date.now()),
            author?.replace(/ <.*>$/, '') ?? null,
            message?.split('\n')[0] ?? null,
          ]),
          application === undefined ? 'There is no release yet.' : `There is no release of ${application} yet.`,
        ),
      );
    });
}
