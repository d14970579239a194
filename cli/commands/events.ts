import { Command } from 'commander';
import type { FleetEvent } from '../../proto/rest/events.ts';
import { type CommandContext, connect, examples, type OutputFlags, outputOption, printAs } from '../context.ts';
import { followEvents } from '../event-stream.ts';
import { renderTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { singleLine } from '../text-width.ts';
import { untilInterrupted } from '../watch.ts';
import { word } from '../words.ts';
import { environmentOption, limitOption } from './options.ts';

interface EventFlags extends OutputFlags {
  readonly cluster?: string;
  readonly application?: string;
  readonly environment?: string;
  readonly type?: string;
  readonly severity?: string;
  readonly limit: number;
}

/** `fairway events` */
export function eventsCommand(context: CommandContext): Command {
  return new Command('events')
    .description('List what happened in the fleet, newest first; with --watch, as it happens.')
    .option('--cluster <name>', 'only on one cluster')
    .option('--application <name>', 'only of one application')
    .addOption(environmentOption('only in one environment'))
    .option('--type <type>', 'only of one type: drift, applied, failed, pruned, …')
    .option('--severity <word>', 'only info, warning or error')
    .option('-w, --watch', 'print each as it happens, until Ctrl-C')
    .addOption(limitOption('events'))
    .addOption(outputOption())
    .addHelpText(
      'after',
      examples(
        'fairway events --cluster eu-1',
        'fairway events --watch --severity error',
        'fairway events --watch -o json',
      ),
    )
    .action(async (flags: EventFlags, command: Command) => {
      const client = await connect(context, command);
      const { cluster, application, environment, type, severity } = flags;
      const query = { cluster, application, environment, type, severity };
      if (flags.watch === true) {
        const { signal, release } = untilInterrupted();
        try {
          for await (const event of followEvents(client, query, signal)) printEvent(context, flags, event);
        } finally {
          release();
        }
        return;
      }
      printAs(context, flags, await client.list<FleetEvent>('/events', query, flags.limit), (events) =>
        renderTable(
          context.terminal,
          ['TIME', 'TYPE', 'SEVERITY', 'CLUSTER', 'APPLICATION', 'MESSAGE'],
          events.map(({ at, type, severity, cluster, application, message }) => [
            at,
            type,
            word(severity),
            cluster,
            application,
            message,
          ]),
          'No event fits.',
        ),
      );
    });
}

/** One line an event, also as JSON: a stream has no end at which a list could be closed. */
function printEvent(context: CommandContext, flags: OutputFlags, event: FleetEvent): void {
  if (flags.output === 'json') context.terminal.print(JSON.stringify(event));
  else if (flags.output === 'yaml') printAs(context, flags, [event], String);
  else context.terminal.print(eventLine(context.terminal, event));
}

function eventLine(terminal: Terminal, { at, type, severity, cluster, application, message }: FleetEvent): string {
  const where = [cluster, application].filter((name) => name !== null).join('/');
  const mark = severity === 'info' ? type : terminal.style(severity === 'error' ? 'red' : 'yellow', type);
  return [at, mark, where, singleLine(message)].filter((part) => part !== '').join('  ');
}
