import type { Promotion, PromotionDetail } from '../../proto/rest/promotions.ts';
import type { Rollout } from '../../proto/rest/rollouts.ts';
import { planSum } from '../plan-text.ts';
import { renderTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { singleLine } from '../text-width.ts';
import { ago, until, waitLine, word } from '../words.ts';

type Paint = Pick<Terminal, 'style'>;

/** What a promotion brings: a release, or that there is none any more. */
export function broughtBy({ kind, application, release, revision }: Promotion): string {
  if (kind === 'removal') return `${application} taken away`;
  return release ?? `${application}@${revision?.slice(0, 12) ?? '?'}`;
}

/** `shop@3f2c9… → prod  waiting for 5m  (promotion 7)`, and each gate that is not met. */
export function renderPromotion(terminal: Paint, promotion: Promotion, now: number): string[] {
  const { id, environment, state, stateReason, stateSince } = promotion;
  const cell = word(state);
  const painted = typeof cell === 'object' && cell !== null ? terminal.style(cell.style, cell.text) : state;
  const head = terminal.style('bold', `${broughtBy(promotion)} → ${environment}`);
  return [
    `${head}  ${painted} for ${ago(stateSince, now)}  (promotion ${id})`,
    ...(stateReason === null ? [] : [`  ${singleLine(stateReason)}`]),
    ...waitLines(terminal, promotion, now),
  ];
}

function waitLines(terminal: Paint, { waits }: Promotion, now: number): string[] {
  if (waits.length === 0) return [];
  const rows = waits.map(({ gate, reason, since, deadline }) => [
    { text: gate, style: 'yellow' } as const,
    reason,
    ago(since, now),
    until(deadline, now),
  ]);
  return ['', ...renderTable(terminal, ['GATE', 'WAITS, FOR', 'SINCE', 'LEFT'], rows, '').split('\n')];
}

/** `, paused: a cluster failed: prod-2, for 3m`; nothing where it is not known. */
function standOf(rollout: Rollout | null, now: number): string {
  if (rollout === null) return '';
  const why = rollout.wait === null ? rollout.stateReason : waitLine(rollout.wait, now);
  return `, ${rollout.state}${why === null ? '' : `: ${singleLine(why)}`}`;
}

/** The whole of one promotion, for people. @param rollout its own, while that goes on */
export function renderPromotionWhole(
  terminal: Paint,
  promotion: PromotionDetail,
  rollout: Rollout | null,
  now: number,
): string {
  const { previous, requestedBy, reason, origin, plan, approvals, checks, overrides, pinCommit } = promotion;
  const facts = [
    `Instead of    ${previous ?? 'nothing'}`,
    `Asked for by  ${singleLine(requestedBy)} (${origin})${reason === null ? '' : `: ${singleLine(reason)}`}`,
    ...(plan === null ? [] : [`Changes       ${planSum(plan)}`, `Plan          ${plan.digest}`]),
    ...(pinCommit === null ? [] : [`Pin           ${pinCommit}`]),
    ...(promotion.rollout === null ? [] : [`Rollout       ${promotion.rollout}${standOf(rollout, now)}`]),
    `Approvals     ${approvals.given} of ${approvals.required}${approvals.required === 0 ? '' : ` by ${approvals.from.join(' or ')}`}`,
  ];
  const said = approvals.items.map(({ actor, decision, counts, reason, voidedReason, at }) => [
    actor,
    counts
      ? { text: decision, style: 'green' as const }
      : { text: decision === 'reject' ? 'reject' : 'void', style: 'red' as const },
    ago(at, now),
    voidedReason ?? reason,
  ]);
  const verdicts = checks.map(({ name, verdict, detail, url, at }) => [
    name,
    verdict === null ? { text: 'missing', style: 'yellow' as const } : word(verdict),
    ago(at, now),
    detail ?? url,
  ]);
  const opened = overrides.map(({ gate, name, actor, reason, at }) => [
    name === null ? gate : `${gate} ${name}`,
    ...[actor, ago(at, now), reason],
  ]);
  return [
    renderPromotion(terminal, promotion, now).join('\n'),
    facts.join('\n'),
    ...(said.length === 0 ? [] : [renderTable(terminal, ['BY', 'SAYS', 'AGE', 'WHY'], said, '')]),
    ...(verdicts.length === 0 ? [] : [renderTable(terminal, ['CHECK', 'VERDICT', 'AGE', 'DETAIL'], verdicts, '')]),
    ...(opened.length === 0 ? [] : [renderTable(terminal, ['OVERRIDDEN', 'BY', 'AGE', 'WHY'], opened, '')]),
  ].join('\n\n');
}
