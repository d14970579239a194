import { Argument, Command } from 'commander';
import type { Check } from '../../proto/rest/checks.ts';
import {
  type CommandContext,
  connect,
  examples,
  type OutputFlags,
  outputOption,
  printAs,
  show,
  watchOption,
} from '../context.ts';
import { renderTable } from '../table.ts';
import { ago, word } from '../words.ts';
import { environmentOption, limitOption } from './options.ts';

interface ReportFlags extends OutputFlags {
  readonly environment?: string;
  readonly detail?: string;
  readonly link?: string;
}

/** `fairway check` */
export function checkCommand(context: CommandContext): Command {
  return new Command('check')
    .description('Report what a system found of a release, for the gates that ask for it.')
    .argument('<release>', 'APP@SHORTSHA')
    .argument('<name>', 'of the check, as promotion.checks of an environment names it')
    .addArgument(
      new Argument('<verdict>', 'inconclusive lets a person decide').choices(['pass', 'fail', 'inconclusive']),
    )
    .addOption(environmentOption('only for this environment; wherever the release goes where left out'))
    .option('--detail <text>', 'what was found')
    .option('--link <url>', 'where more of it stands')
    .addOption(outputOption())
    .addHelpText(
      'after',
      examples(
        'fairway check shop@1ca3c1141945 load-test pass --link https://ci.example/runs/7',
        'fairway check shop@1ca3c1141945 smoke fail --detail "checkout answers 500"',
        'fairway check list shop@1ca3c1141945',
      ),
    )
    .addCommand(listCommand(context))
    .action(async (release: string, name: string, verdict: string, flags: ReportFlags, command: Command) => {
      const client = await connect(context, command);
      const { environment, detail, link: url } = flags;
      const check = await client.send<Check>('POST', `/releases/${encodeURIComponent(release)}/checks`, {
        ...{ name, verdict },
        ...(environment === undefined ? {} : { environment }),
        ...(detail === undefined ? {} : { detail }),
        ...(url === undefined ? {} : { url }),
      });
      printAs(context, flags, check, () => `Check ${name} of ${release}: ${verdict}.`);
    });
}

function listCommand(context: CommandContext): Command {
  return new Command('list')
    .description('List the verdicts on a release, newest first; of each name the newest counts.')
    .argument('<release>', 'APP@SHORTSHA')
    .addOption(limitOption('verdicts'))
    .addOption(outputOption())
    .addOption(watchOption())
    .addHelpText('after', examples('fairway check list shop@1ca3c1141945'))
    .action(async (release: string, _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<OutputFlags & { limit: number }>();
      const client = await connect(context, command);
      const read = () => client.list<Check>(`/releases/${encodeURIComponent(release)}/checks`, {}, flags.limit);
      await show(context, client, flags, read, (checks) =>
        renderTable(
          context.terminal,
          ['CHECK', 'VERDICT', 'FOR', 'BY', 'AGE', 'DETAIL', 'LINK'],
          checks.map(({ name, verdict, environment, reportedBy, at, detail, url }) => [
            name,
            word(verdict),
            environment ?? 'every environment',
            reportedBy,
            ago(at, Date.now()),
            detail,
            url,
          ]),
          `No check of ${release} has reported.`,
        ),
      );
    });
}
