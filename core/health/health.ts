import type { Health } from '../link/status.ts';
import { groupOf, type KubeObject } from '../objects/object.ts';
import { conditions, currentGeneration } from './conditions.ts';
import { checks } from './kinds.ts';
import { conditionsIn, degraded, fields, type HealthReport, healthy, type LiveObject, progressing } from './report.ts';

/** What an application's own expressions say of an object; null where none is for it. */
export type HealthRules = (object: KubeObject, now: number) => HealthReport | null;

/**
 * The health of a live object at a time (H1): one that is being deleted, or that its controller has not seen as it is
 * now, is progressing; else it is as the application's own expressions say, then as its kind's row of the table, then
 * as its conditions; what has none of these is healthy because it exists.
 * @param now milliseconds since the epoch
 */
export function healthOf(object: KubeObject, now: number, rules: HealthRules | null = null): HealthReport {
  if (object.metadata.deletionTimestamp !== undefined) return deletion(object);
  const live = liveObject(object);
  const behind = currentGeneration(live);
  if (behind !== null) return behind;
  const check = checks[`${groupOf(object.apiVersion)}/${object.kind}`];
  return rules?.(object, now) ?? check?.(live, now) ?? conditions(live) ?? healthy('it exists');
}

/** The health of an object that ought to stand and does not. */
export function missingHealth(applied: boolean): HealthReport {
  return applied ? degraded('it does not exist') : progressing('it is not created yet');
}

const worstFirst: readonly Health[] = ['degraded', 'progressing', 'unknown', 'suspended', 'healthy'];

/** The health of a whole from that of its parts: the worst of them; of nothing, healthy. */
export function worstOf(parts: Iterable<Health>): Health {
  const seen = new Set(parts);
  return worstFirst.find((health) => seen.has(health)) ?? 'healthy';
}

function deletion({ metadata }: KubeObject): HealthReport {
  const finalizers = Array.isArray(metadata.finalizers) ? metadata.finalizers.map(String) : [];
  return progressing(
    `it is being deleted${finalizers.length === 0 ? '' : `; ${finalizers.join(', ')} still holds it`}`,
  );
}

function liveObject(object: KubeObject): LiveObject {
  const status = fields(object.status);
  const conditions = conditionsIn(status.conditions);
  return { ...object, spec: fields(object.spec), status, conditions };
}
