import { describeRef } from '../core/objects/object.ts';
import type { FieldChange, Plan, PlannedChange, PlanSummary } from '../proto/rest/plans.ts';
import type { Style, Terminal } from './terminal.ts';
import { singleLine } from './text-width.ts';
import { plural } from './words.ts';

type Paint = Pick<Terminal, 'style'>;

/** How many clusters are named beside a change. */
const named = 3;
/** Characters of two values that still go on one line. */
const shortPair = 80;

/** A plan as people review it: what it goes from and to, each change once, and the sum. */
export function renderPlan(terminal: Paint, plan: Plan): string {
  return [
    terminal.style('bold', heading(plan)),
    ...plan.changes.flatMap((change, index) => [
      // What has fields stands by itself; what has none is one of a list.
      ...(index > 0 && change.fields.length === 0 && plan.changes[index - 1]?.fields.length === 0 ? [] : ['']),
      ...changeLines(terminal, plan, change),
    ]),
    ...failureLines(terminal, plan),
    '',
    planSum(plan),
    terminal.style('dim', `plan ${plan.digest}`),
  ].join('\n');
}

/** `shop@3f2c9… instead of shop@1ca3c… in prod` */
function heading({ application, environment, release, previous }: Plan): string {
  if (release === null) return `${application} is taken away from ${environment}`;
  if (previous === null) return `${release} in ${environment}, where nothing of it is settled`;
  return previous === release
    ? `${release} in ${environment}, as it is settled there`
    : `${release} instead of ${previous} in ${environment}`;
}

/** `1 created, 2 changed, 1 deleted; on 3 of 5 clusters` */
export function planSum({ created, changed, deleted, kept, clusters }: PlanSummary): string {
  const counts = [
    ...(created > 0 ? [`${created} created`] : []),
    ...(changed > 0 ? [`${changed} changed`] : []),
    ...(deleted > 0 ? [`${deleted} deleted`] : []),
    ...(kept > 0 ? [`${kept} left behind`] : []),
  ];
  const failed = clusters.failed > 0 ? `; ${clusters.failed} cannot be rendered for` : '';
  if (counts.length === 0) return `Nothing changes on ${plural(clusters.total - clusters.failed, 'cluster')}${failed}.`;
  return `${counts.join(', ')}; on ${clusters.changed} of ${plural(clusters.total, 'cluster')}${failed}.`;
}

const signs: Readonly<Record<PlannedChange['action'], readonly [sign: string, style: Style]>> = {
  create: ['+', 'green'],
  change: ['~', 'yellow'],
  delete: ['-', 'red'],
  keep: ['=', 'dim'],
  rules: ['~', 'yellow'],
};

function changeLines(terminal: Paint, plan: Plan, change: PlannedChange): string[] {
  const [sign, style] = signs[change.action];
  const name = change.object === null ? `Application ${plan.application}` : describeRef(change.object);
  const where = terminal.style('dim', `  ${clustersText(change, plan)}`);
  return [
    `${terminal.style(style, `${sign} ${singleLine(name)}`)}${noteOf(change)}${where}`,
    ...change.fields.flatMap((field) => fieldLines(terminal, field)),
  ];
}

function noteOf({ action, encrypted, reason }: PlannedChange): string {
  if (reason !== null) return `  stays: ${singleLine(reason)}`;
  if (!encrypted) return '';
  return action === 'create' ? '  encrypted' : '  encrypted, changed';
}

function clustersText({ clusters: { total, names } }: PlannedChange, plan: Plan): string {
  if (total === plan.clusters.total && total > 1) return `on all ${total} clusters`;
  const shown = names.slice(0, named).join(', ');
  return total > named ? `on ${shown} and ${total - named} more` : `on ${shown}`;
}

function fieldLines(terminal: Paint, { field, before, after, lines }: FieldChange): string[] {
  const name = `    ${singleLine(field)}`;
  if (lines !== null) return [name, ...lines.map((line) => `      ${lineOf(terminal, line)}`)];
  const old = before === null ? null : singleLine(before);
  const wanted = after === null ? null : singleLine(after);
  if (old !== null && wanted !== null && old.length + wanted.length <= shortPair) {
    return [`${name}  ${terminal.style('red', old)} → ${terminal.style('green', wanted)}`];
  }
  return [
    name,
    ...(old === null ? [] : [`      ${terminal.style('red', `- ${old}`)}`]),
    ...(wanted === null ? [] : [`      ${terminal.style('green', `+ ${wanted}`)}`]),
  ];
}

function lineOf(terminal: Paint, line: string): string {
  const text = singleLine(line);
  if (line.startsWith('+')) return terminal.style('green', text);
  if (line.startsWith('-')) return terminal.style('red', text);
  return line.startsWith('@@') ? terminal.style('cyan', text) : text;
}

function failureLines(terminal: Paint, { failures }: Plan): string[] {
  return failures.flatMap(({ clusters, file, line, message, remedy }) => {
    const place = [file, line].filter((part) => part !== null).join(':');
    const more = clusters.length > named ? ` and ${clusters.length - named} more` : '';
    return [
      '',
      `${terminal.style('red', '!')} ${clusters.slice(0, named).join(', ')}${more} ${clusters.length === 1 ? 'keeps' : 'keep'} what runs there: ${place === '' ? '' : `${singleLine(place)}: `}${singleLine(message)}`,
      ...(remedy === null ? [] : [terminal.style('dim', `    next: ${singleLine(remedy)}`)]),
    ];
  });
}
