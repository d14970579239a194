import type { Status } from '../../proto/rest/status.ts';
import { broughtBy } from '../promotion/view.ts';
import { countsText } from '../rollout/bar.ts';
import { renderTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { singleLine } from '../text-width.ts';
import { ago, healthSummary, plural, until, word } from '../words.ts';
import { says } from './placement-cells.ts';

/** The fleet at a glance, for people. */
export function renderStatus(terminal: Terminal, status: Status, now = Date.now()): string {
  return [
    clustersLine(terminal, status),
    renderTable(
      terminal,
      ['ENVIRONMENT', 'HEALTHY', 'MOVING', 'DRIFT'],
      status.environments.map(({ name, placements, moving, drifts }) => [
        name,
        healthSummary(placements),
        moving,
        drifts,
      ]),
      'No environment is declared: add environments/NAME.yaml to the fleet repository.',
    ),
    renderTable(
      terminal,
      ['APPLICATION', 'HEALTHY', 'MOVING', 'DRIFT'],
      status.applications.map(({ name, placements, moving, drifts }) => [
        name,
        healthSummary(placements),
        moving,
        drifts,
      ]),
      'No application is placed yet.',
    ),
    promotionsText(terminal, status, now),
    rolloutsText(terminal, status, now),
    holdsText(terminal, status),
    placementsText(terminal, 'FAILS ON', only(status.moving, fails), now),
    placementsText(
      terminal,
      'MOVING ON',
      only(status.moving, (placement) => !fails(placement)),
      now,
    ),
    placementsText(terminal, 'WAITING ON', status.waiting, now),
    problemsText(terminal, status),
    sourcesText(terminal, status, now),
    notificationsText(terminal, status),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function clustersLine(terminal: Terminal, { clusters, leaving }: Status): string {
  const parts = [
    `${clusters.connected} of ${clusters.total} connected`,
    ...(clusters.disconnected > 0 ? [terminal.style('red', `${clusters.disconnected} disconnected`)] : []),
    ...(clusters.waitingToJoin > 0 ? [`${clusters.waitingToJoin} yet to join`] : []),
    ...(clusters.cordoned > 0 ? [`${clusters.cordoned} cordoned`] : []),
    ...(clusters.revoked > 0 ? [`${clusters.revoked} revoked`] : []),
    ...(leaving > 0 ? [`${plural(leaving, 'placement')} leaving`] : []),
  ];
  return `Clusters: ${parts.join(', ')}`;
}

/** Promotions that wait at a gate. */
function promotionsText(terminal: Terminal, { promotions: { total, items } }: Status, now: number): string {
  if (total === 0) return '';
  const rows = items.map((promotion) => [
    promotion.id,
    broughtBy(promotion),
    promotion.environment,
    promotion.waits.map(({ gate }) => gate).join(', '),
    promotion.waits[0]?.reason ?? null,
    ago(promotion.waits[0]?.since ?? promotion.stateSince, now),
    until(promotion.waits[0]?.deadline ?? null, now),
  ]);
  const headings = ['PROMOTION', 'BRINGS', 'TO', 'WAITS AT', 'FOR', 'SINCE', 'LEFT'];
  return renderTable(terminal, headings, rows, '') + moreThan(total, items);
}

/** Rollouts that are under way. */
function rolloutsText(terminal: Terminal, { rollouts: { total, items } }: Status, now: number): string {
  if (total === 0) return '';
  const rows = items.map((rollout) => [
    rollout.id,
    rollout.kind === 'removal' ? `${rollout.application} taken away` : rollout.release,
    rollout.environment,
    word(rollout.state),
    `${rollout.wave.position}/${rollout.wave.of} ${rollout.wave.name}`,
    countsText(rollout.clusters, rollout.gated),
    rollout.wait?.reason ?? rollout.stateReason,
    ago(rollout.wait?.since ?? rollout.stateSince, now),
    until(rollout.wait?.deadline ?? null, now),
  ]);
  const headings = ['ROLLOUT', 'BRINGS', 'TO', 'STATE', 'WAVE', 'CLUSTERS', 'WAITS FOR', 'SINCE', 'LEFT'];
  return renderTable(terminal, headings, rows, '') + moreThan(total, items);
}

/** Pins that automation leaves alone, until somebody lifts the hold. */
function holdsText(terminal: Terminal, { holds: { total, items } }: Status): string {
  if (total === 0) return '';
  const rows = items.map(({ application, environment, by, reason }) => [application, environment, by, reason]);
  const next = nextStep(terminal, 'fairway hold lift APPLICATION --env ENVIRONMENT');
  return [renderTable(terminal, ['HELD', 'IN', 'BY', 'WHY'], rows, '') + moreThan(total, items), ...next].join('\n');
}

/** What it is to run cannot be applied; what ran before is kept. */
function fails({ phase }: Status['moving']['items'][number]): boolean {
  return phase === 'failed';
}

/** Those of a list that fit. What the list leaves out is not known, and stays counted where it is long. */
function only({ total, items }: Status['moving'], fits: (placement: Status['moving']['items'][number]) => boolean) {
  const kept = items.filter(fits);
  return { items: kept, total: kept.length === 0 ? 0 : kept.length + total - items.length };
}

function moreThan(total: number, items: readonly unknown[]): string {
  return total > items.length ? `\n… and ${total - items.length} more` : '';
}

function placementsText(terminal: Terminal, heading: string, { total, items }: Status['moving'], now: number): string {
  if (total === 0) return '';
  const rows = items.map((placement) => [
    placement.cluster,
    placement.application,
    placement.runningRelease,
    placement.release,
    says(placement),
    ago(placement.wait?.since ?? null, now),
    until(placement.wait?.deadline ?? null, now),
  ]);
  const headings = [heading, 'APPLICATION', 'RUNS', 'IS TO RUN', 'WAITS FOR', 'SINCE', 'LEFT'];
  return renderTable(terminal, headings, rows, '') + moreThan(total, items);
}

function problemsText(terminal: Terminal, { problems }: Status): string {
  const total = problems.errors + problems.warnings;
  if (total === 0) return '';
  const lines = problems.items.flatMap(({ severity, source, file, line, field, message, remedy }) => {
    const place = [source, file, line].filter((part) => part !== null).join(':');
    const mark = terminal.style(severity === 'error' ? 'red' : 'yellow', severity);
    const where = [place, field].filter((part) => part !== null && part !== '').join(' ');
    return [
      `  ${mark} ${where === '' ? '' : `${singleLine(where)}: `}${singleLine(message)}`,
      ...nextStep(terminal, remedy),
    ];
  });
  const more = total > problems.items.length ? [`  … and ${total - problems.items.length} more`] : [];
  const counts = `${plural(problems.errors, 'error')}, ${plural(problems.warnings, 'warning')}`;
  return [`Problems: ${counts}`, ...lines, ...more].join('\n');
}

function nextStep(terminal: Terminal, remedy: string | null): readonly string[] {
  return remedy === null ? [] : [terminal.style('dim', `        next: ${singleLine(remedy)}`)];
}

/** A head that is not followed stands among the problems. */
function sourcesText(terminal: Terminal, { sources }: Status, now: number): string {
  const lines = sources.unreachable.flatMap(({ name, error }) => {
    const since = ago(error?.since ?? null, now) ?? '?';
    const line = `  ${terminal.style('red', 'unreachable')} ${name} for ${since}: ${singleLine(error?.message ?? '')}`;
    return [line, ...nextStep(terminal, error?.remedy ?? null)];
  });
  return lines.length === 0 ? '' : ['Sources:', ...lines].join('\n');
}

function notificationsText(terminal: Terminal, { notifications: { dead } }: Status): string {
  if (dead === 0) return '';
  const line = `Notifications: ${terminal.style('red', `${dead} could not be delivered`)}`;
  return [line, ...nextStep(terminal, 'fairway notification deliveries --state dead')].join('\n');
}
