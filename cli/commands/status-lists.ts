import { Command } from 'commander';
import type { Application } from '../../proto/rest/applications.ts';
import type { Environment } from '../../proto/rest/environments.ts';
import type { Placement } from '../../proto/rest/placements.ts';
import type { Window } from '../../proto/rest/windows.ts';
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
import { ago, healthSummary, word } from '../words.ts';
import { environmentOption } from './options.ts';
import { says, toRun } from './placement-cells.ts';

/** `fairway status` has the same flags, and takes them even where they stand behind the name of a list. */
function outputOf(command: Command): OutputFlags {
  return command.optsWithGlobals<OutputFlags>();
}

/** `fairway status environments` */
export function environmentsCommand(context: CommandContext): Command {
  return new Command('environments')
    .description('List environments: which clusters they select, and how those are.')
    .addOption(outputOption())
    .addOption(watchOption())
    .addHelpText('after', examples('fairway status environments'))
    .action(async (_flags: unknown, command: Command) => {
      const client = await connect(context, command);
      const read = () => client.list<Environment>('/environments');
      await show(context, client, outputOf(command), read, (environments) =>
        renderTable(
          context.terminal,
          ['ENVIRONMENT', 'SELECTS', 'CLUSTERS', 'CONNECTED', 'HEALTHY', 'FOLLOWS', 'DRIFT'],
          environments.map(({ name, selector, clusters, placements, promotesFrom, drift }) => [
            name,
            selector,
            clusters.total,
            clusters.connected,
            healthSummary(placements),
            promotesFrom.length === 0 ? 'head' : 'pins',
            drift,
          ]),
          'No environment is declared: add environments/NAME.yaml to the fleet repository.',
        ),
      );
    });
}

/** `fairway status applications` */
export function applicationsCommand(context: CommandContext): Command {
  return new Command('applications')
    .description('List applications: where they come from, and how they are.')
    .option('--tenant <name>', 'only those of a tenant')
    .addOption(environmentOption('only those that an environment has'))
    .addOption(outputOption())
    .addOption(watchOption())
    .addHelpText('after', examples('fairway status applications', 'fairway status applications --tenant storefront'))
    .action(async (flags: { tenant?: string; environment?: string }, command: Command) => {
      const client = await connect(context, command);
      const query = { tenant: flags.tenant, environment: flags.environment };
      const read = () => client.list<Application>('/applications', query);
      await show(context, client, outputOf(command), read, (applications) =>
        renderTable(
          context.terminal,
          ['APPLICATION', 'TENANT', 'SOURCE', 'PATH', 'ENVIRONMENTS', 'NEWEST', 'HEALTHY'],
          applications.map(({ name, tenant, source, path, environments, newestRelease, removedAt, placements }) => [
            name,
            tenant,
            source,
            path,
            environments.join(','),
            removedAt === null ? newestRelease : { text: 'gone from Git', style: 'yellow' },
            healthSummary(placements),
          ]),
          'No application is declared: add apps/NAME/app.yaml to the fleet repository.',
        ),
      );
    });
}

interface PlacementFlags {
  readonly cluster?: string;
  readonly application?: string;
  readonly environment?: string;
  readonly health?: string;
  readonly selector?: string;
}

/** `fairway status placements` */
export function placementsCommand(context: CommandContext): Command {
  return new Command('placements')
    .description('List what runs where: one application on one cluster a line.')
    .option('--cluster <name>', 'only on one cluster')
    .option('--application <name>', 'only of one application')
    .addOption(environmentOption('only in one environment'))
    .option('--health <word>', 'only healthy, progressing, degraded, suspended or unknown ones')
    .option('-l, --selector <labels>', 'only on clusters with these labels: env=prod,region in (eu,us),!legacy')
    .addOption(outputOption())
    .addOption(watchOption())
    .addHelpText(
      'after',
      examples(
        'fairway status placements --application shop',
        "fairway status placements -l 'region in (eu,us)' --health degraded",
      ),
    )
    .action(async ({ selector, ...filters }: PlacementFlags, command: Command) => {
      const client = await connect(context, command);
      const { cluster, application, environment, health } = filters;
      const query = { cluster, application, environment, health, labelSelector: selector };
      const read = () => client.list<Placement>('/placements', query);
      await show(context, client, outputOf(command), read, (placements) =>
        renderTable(
          context.terminal,
          ['CLUSTER', 'APPLICATION', 'ENVIRONMENT', 'RUNS', 'IS TO RUN', 'HEALTH', 'SAYS', 'REPORTED'],
          placements.map((placement) => [
            placement.cluster,
            placement.application,
            placement.environment,
            placement.runningRelease,
            toRun(placement),
            word(placement.health),
            says(placement),
            ago(placement.reportedAt, Date.now()),
          ]),
          'Nothing is placed anywhere that fits.',
        ),
      );
    });
}

/** `fairway status windows` */
export function windowsCommand(context: CommandContext): Command {
  return new Command('windows')
    .description('List windows: whether each lets promotions and waves start now, and when that changes.')
    .addOption(environmentOption('only those that an environment names'))
    .addOption(outputOption())
    .addOption(watchOption())
    .addHelpText('after', examples('fairway status windows', 'fairway status windows --environment prod'))
    .action(async ({ environment }: { environment?: string }, command: Command) => {
      const client = await connect(context, command);
      const read = () => client.list<Window>('/windows', { environment });
      await show(context, client, outputOf(command), read, (windows) =>
        renderTable(
          context.terminal,
          ['WINDOW', 'TYPE', 'SCHEDULE', 'FOR', 'TIME ZONE', 'NAMED BY', 'NOW', 'UNTIL'],
          windows.map(({ name, type, schedule, duration, timeZone, environments, passable, until }) => [
            name,
            type,
            schedule,
            duration,
            timeZone,
            environments.join(','),
            { text: passable ? 'open' : 'closed', style: passable ? 'green' : 'yellow' },
            until,
          ]),
          'No window is declared.',
        ),
      );
    });
}
