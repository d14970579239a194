import { Command } from 'commander';
import { describeRef } from '../../core/objects/object.ts';
import type { DriftRecord } from '../../proto/rest/drift.ts';
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
import { usageError } from '../exit.ts';
import { renderTable } from '../table.ts';
import { singleLine } from '../text-width.ts';
import { ago, word } from '../words.ts';
import { environmentOption, limitOption } from './options.ts';

/** `fairway drift` */
export function driftCommand(context: CommandContext): Command {
  return new Command('drift')
    .description('See what was changed in clusters by hand, or by other controllers.')
    .addHelpText('after', examples('fairway drift list', 'fairway drift show 12'))
    .addCommand(listCommand(context))
    .addCommand(showCommand(context));
}

interface ListFlags extends OutputFlags {
  readonly cluster?: string;
  readonly application?: string;
  readonly environment?: string;
  readonly state?: string;
  readonly selector?: string;
  readonly limit: number;
}

function listCommand(context: CommandContext): Command {
  return new Command('list')
    .description('List drift, newest first: object, field, wanted, found, and who.')
    .option('--cluster <name>', 'only on one cluster')
    .option('--application <name>', 'only of one application')
    .addOption(environmentOption('only in one environment'))
    .option('--state <state>', 'only open, corrected, gone or fought')
    .option('-l, --selector <labels>', 'only on clusters with these labels')
    .addOption(limitOption('drifts'))
    .addOption(outputOption())
    .addOption(watchOption())
    .addHelpText(
      'after',
      examples(
        'fairway drift list',
        'fairway drift list --state open --environment prod',
        'fairway drift list --watch',
      ),
    )
    .action(async (flags: ListFlags, command: Command) => {
      const client = await connect(context, command);
      const { cluster, application, environment, state, selector: labelSelector } = flags;
      const query = { cluster, application, environment, state, labelSelector };
      const read = () => client.list<DriftRecord>('/drift', query, flags.limit);
      await show(context, client, flags, read, (drifts) =>
        renderTable(
          context.terminal,
          ['ID', 'CLUSTER', 'APPLICATION', 'OBJECT', 'FIELD', 'WANTED', 'FOUND', 'BY', 'STATE', 'SEEN'],
          drifts.map((drift) => [
            drift.id,
            drift.cluster,
            drift.application,
            describeRef(drift.object),
            drift.field === '' ? '(missing)' : drift.field,
            shorten(drift.wanted),
            shorten(drift.found),
            drift.manager,
            word(drift.state),
            ago(drift.firstSeenAt, Date.now()),
          ]),
          'No drift.',
        ),
      );
    });
}

function showCommand(context: CommandContext): Command {
  return new Command('show')
    .description('Show one drift whole.')
    .argument('<id>', 'from `fairway drift list`')
    .addOption(outputOption())
    .addHelpText('after', examples('fairway drift show 12', 'fairway drift show 12 -o yaml'))
    .action(async (id: string, flags: OutputFlags, command: Command) => {
      if (!/^[1-9]\d{0,14}$/.test(id))
        throw usageError(`${JSON.stringify(id)} is no id of a drift`, 'it is the number in `fairway drift list`');
      const client = await connect(context, command);
      printAs(context, flags, await client.get<DriftRecord>(`/drift/${id}`), (drift) =>
        [
          `Object       ${singleLine(describeRef(drift.object))}`,
          `Cluster      ${drift.cluster}`,
          `Application  ${drift.application}${drift.environment === null ? '' : ` (${drift.environment})`}`,
          `Field        ${drift.field === '' ? 'the object itself: it is missing' : singleLine(drift.field)}`,
          `Wanted       ${drift.wanted === null ? '(absent)' : singleLine(drift.wanted)}`,
          `Found        ${drift.found === null ? '(absent)' : singleLine(drift.found)}`,
          `By           ${singleLine(drift.manager)}`,
          `State        ${drift.state}`,
          `First seen   ${drift.firstSeenAt}`,
          `Ended        ${drift.endedAt ?? '-'}`,
        ].join('\n'),
      );
    });
}

function shorten(json: string | null): string | null {
  if (json === null) return '(absent)';
  return json.length <= 40 ? json : `${json.slice(0, 39)}…`;
}
