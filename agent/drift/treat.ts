import { inOrder, stageOf } from '../../core/apply/order.ts';
import type { EventDetail, ObjectProblem } from '../../core/link/status.ts';
import { describeRef } from '../../core/objects/object.ts';
import type { Application } from '../reconcile/application.ts';
import { applyOne, type ValidWrite } from '../reconcile/apply.ts';
import { bounded } from '../reconcile/bounded.ts';
import type { Context } from '../reconcile/context.ts';
import { problem } from '../reconcile/problems.ts';
import { tell } from '../reconcile/tell.ts';
import type { Verdict, WriteEntry } from '../reconcile/validate.ts';
import { afterCorrection, correctableAt } from './fights.ts';
import {
  type DriftFound,
  driftKey,
  isNews,
  missingObject,
  type StandingDrift,
  type StandingDrifts,
  sighted,
} from './standing.ts';

/** A seeming drift, and what the API server says of putting it back. */
export interface Suspect {
  readonly entry: WriteEntry;
  readonly verdict: Verdict;
}

/** What was done about the drifts of one pass. */
export interface Treatment {
  readonly problems: readonly ObjectProblem[];
  readonly fights: readonly ObjectProblem[];
  /** A definition or a namespace was put back: others can be looked at now. */
  readonly restored: boolean;
  /** Milliseconds until what is fought over may be corrected again; null: nothing is. */
  readonly nextIn: number | null;
  readonly tell: (detail: EventDetail) => void;
}

/** Corrects what is confirmed, or tells of it; what stood and does no longer is told gone (D1, D3). */
export async function treat(
  app: Application,
  suspects: readonly Suspect[],
  context: Context,
  options: { readonly as: string | null; readonly signal: AbortSignal },
): Promise<Treatment> {
  const { now } = context;
  const say = (detail: EventDetail) => tell(app, detail, context);
  const standing: StandingDrifts = new Map();
  const handled = new Set<string>();
  const problems: ObjectProblem[] = [];
  const fights: ObjectProblem[] = [];
  let restored = false;
  let next: number | null = null;

  const stand = (drifts: readonly StandingDrift[], outcome: 'found' | 'fought') => {
    for (const sighting of drifts) {
      const { drift } = sighting;
      const key = driftKey(drift);
      const news = isNews(sighting, app.drifts.get(key), outcome, now());
      if (news) say({ type: 'drift', drift, outcome });
      standing.set(key, { drift, told: news ? { outcome, manager: drift.manager, at: now() } : sighting.told });
    }
  };

  const correct = async (write: ValidWrite, drifts: readonly StandingDrift[]) => {
    const { key, ref } = write.target.wanted;
    const due = correctableAt(app.fights.get(key));
    if (due > now()) {
      stand(drifts, 'fought');
      fights.push(...drifts.map(({ drift }) => fightProblem(drift)));
      next = Math.min(next ?? due, due);
      return;
    }
    const refused = await applyOne(app, write, context, options);
    if (refused !== null) {
      problems.push(refused);
      stand(drifts, 'found');
      return;
    }
    restored ||= write.creates && stageOf(ref) === 'definitions';
    if (drifts.length === 0) return;
    app.fights.set(key, afterCorrection(app.fights.get(key), now()));
    for (const { drift } of drifts) {
      handled.add(driftKey(drift));
      say({ type: 'drift', drift, outcome: 'corrected' });
    }
  };

  const treatOne = async ({ entry, verdict }: Suspect) => {
    const drifts = driftsOf(entry, verdict).map((found) => sighted(app.drifts, found, now()));
    if (verdict.verdict === 'invalid') {
      problems.push(verdict.problem);
      stand(drifts, 'found');
    } else if (verdict.verdict === 'write') {
      if (app.assignment.drift === 'correct') await correct(verdict, drifts);
      else stand(drifts, 'found');
    }
  };

  const ordered = suspects.map((suspect) => ({ ...suspect.entry.wanted, suspect }));
  for (const group of inOrder(ordered)) await bounded(group, context.requests, ({ suspect }) => treatOne(suspect));
  for (const [key, { drift }] of app.drifts)
    if (!standing.has(key) && !handled.has(key)) say({ type: 'drift', drift, outcome: 'gone' });
  app.drifts.clear();
  for (const [key, drift] of standing) app.drifts.set(key, drift);
  return { problems, fights, restored, nextIn: next === null ? null : Math.max(next - now(), 0), tell: say };
}

function driftsOf(entry: WriteEntry, verdict: Verdict): readonly DriftFound[] {
  const { ref } = entry.wanted;
  if (entry.action === 'create') return [missingObject(ref)];
  const fields = verdict.verdict === 'write' ? verdict.fields : verdict.verdict === 'invalid' ? entry.fields : [];
  return fields.map(({ pointer, wanted, found, manager }) => ({ object: ref, field: pointer, wanted, found, manager }));
}

function fightProblem({ object, field, manager }: DriftFound): ObjectProblem {
  const what = field === '' ? 'is deleted' : `${field} is changed by ${manager}`;
  return problem(
    object,
    'fought',
    `${describeRef(object)}: ${what} again and again; it is corrected less often now`,
    field,
  );
}
