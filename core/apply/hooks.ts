import { toPointer } from '../fields/pointer.ts';
import { annotationOf, hookAnnotation, hookDeleteAnnotation, pruneAnnotation } from '../objects/annotations.ts';
import { groupOf, type KubeObject, type ObjectRef, refKey } from '../objects/object.ts';
import type { Wanted } from './desired.ts';
import type { Inventory } from './inventory.ts';
import type { LiveRecord } from './live.ts';

/** Jobs that run to their end before or after an application's other objects, once on each way to a bundle (A2). */

/** When the Job of a hook is deleted: before the next one, as soon as it has succeeded, or never. */
type HookDeletion = 'before-next' | 'on-success' | 'never';

export interface Hook {
  /** The key of its manifest: one hook, whatever the Jobs of its releases are called. */
  readonly name: string;
  /** The Job of this bundle. */
  readonly wanted: Wanted;
  readonly deletion: HookDeletion;
  /** Milliseconds after which it counts as stuck. */
  readonly patience: number;
}

/** A Job that was created for a hook, or is about to be. */
export interface HookJob {
  readonly ref: ObjectRef;
  readonly hook: string;
  readonly deletion: HookDeletion;
  /** The way to a bundle that it belongs to; null: nobody knows any more, so it counts for the one that is gone now. */
  readonly course: number | null;
}

/** What is to be done with a hook, and what of earlier runs has to go for it. */
export interface HookStep {
  readonly state: 'clearing' | 'due' | 'running' | 'done' | 'failed';
  readonly reason: string;
  /** Jobs that are deleted now. */
  readonly clears: readonly LiveRecord[];
}

/** Without `activeDeadlineSeconds`; and what is granted beyond that, for the Job's own end to be seen. */
const longestRun = 3_600_000;
const grace = 30_000;
/** A Job's Pods bear its name in a label, which takes so many characters. */
const longestName = 63;

/** True for a Job that asks to be run as a hook. On anything else the annotation only says when it is written. */
export function isHook(object: KubeObject): boolean {
  return isJob(object) && annotationOf(object, hookAnnotation) !== null;
}

/** What is wrong with a hook's manifest: field and message; null: nothing. */
export function hookFlaw(object: KubeObject): { readonly field: string; readonly message: string } | null {
  const spec = object.spec as { ttlSecondsAfterFinished?: unknown } | undefined;
  if (!isHook(object)) return null;
  if (annotationOf(object, pruneAnnotation) !== null) {
    const message = `the Job of a hook goes as ${hookDeleteAnnotation} says, and ${pruneAnnotation} contradicts that`;
    return { field: toPointer(['metadata', 'annotations', pruneAnnotation]), message };
  }
  if (spec?.ttlSecondsAfterFinished == null) return null;
  const message = `a hook that deletes itself could not be told from one that has not run; ${hookDeleteAnnotation} says when it goes`;
  return { field: '/spec/ttlSecondsAfterFinished', message };
}

/** The manifest of a hook's Job for one bundle: its name tells it from those of other releases. */
export function hookManifest(manifest: KubeObject, bundle: string): KubeObject {
  const suffix = `-${bundle.replace(/^sha256:/, '').slice(0, 7)}`;
  const stem = manifest.metadata.name.slice(0, longestName - suffix.length).replace(/[-.]+$/, '');
  return { ...manifest, metadata: { ...manifest.metadata, name: `${stem}${suffix}` } };
}

/** The hook of a Job that was made ready to be applied. */
export function hookOf(manifest: KubeObject, wanted: Wanted): Hook {
  const spec = wanted.object.spec as { activeDeadlineSeconds?: unknown } | undefined;
  const own = Number(spec?.activeDeadlineSeconds ?? Number.NaN) * 1_000;
  return {
    name: refKey({ ...wanted.ref, name: manifest.metadata.name }),
    wanted,
    deletion: deletionOf(wanted.object),
    patience: (Number.isFinite(own) ? own : longestRun) + grace,
  };
}

/** A Job that is found in the cluster without any record of it; null where it is no hook's. */
export function foundJob(ref: ObjectRef, object: KubeObject): HookJob | null {
  if (ref.group !== 'batch' || ref.kind !== 'Job' || annotationOf(object, hookAnnotation) === null) return null;
  const name = ref.name.replace(/-[0-9a-f]{7}$/, '');
  return { ref, hook: refKey({ ...ref, name }), deletion: deletionOf(object), course: null };
}

/** What is to be done with a hook on the way to its bundle. @param live what stands in the cluster */
export function planHook(
  { name, wanted, deletion }: Hook,
  { course, jobs }: Pick<Inventory, 'course' | 'jobs'>,
  bundle: string,
  live: (ref: ObjectRef) => LiveRecord | undefined,
): HookStep {
  const current = course?.bundle === bundle ? course : null;
  const job = live(wanted.ref);
  if (current?.done.includes(name)) {
    const goes = deletion === 'on-success' && job !== undefined && !job.deleting;
    return { state: 'done', reason: 'it has run', clears: goes ? [job] : [] };
  }
  const isEarlier = (run: HookJob) =>
    run.course === null ? refKey(run.ref) !== wanted.key : run.course !== current?.run;
  const earlier = jobs
    .filter((run) => run.hook === name && isEarlier(run))
    .filter((run) => refKey(run.ref) === wanted.key || run.deletion !== 'never')
    .flatMap((run) => live(run.ref) ?? []);
  if (earlier.length > 0)
    return {
      state: 'clearing',
      reason: 'an earlier run of it is deleted first',
      clears: earlier.filter(({ deleting }) => !deleting),
    };
  if (job === undefined) return { state: 'due', reason: 'it has not run yet', clears: [] };
  if (job.deleting) return { state: 'clearing', reason: 'its Job is being deleted', clears: [] };
  const { health, reason } = job.health;
  const state = health === 'healthy' ? 'done' : health === 'degraded' ? 'failed' : 'running';
  return { state, reason, clears: [] };
}

function deletionOf(object: KubeObject): HookDeletion {
  const value = annotationOf(object, hookDeleteAnnotation);
  return value === 'on-success' || value === 'never' ? value : 'before-next';
}

function isJob({ apiVersion, kind }: KubeObject): boolean {
  return kind === 'Job' && groupOf(apiVersion) === 'batch';
}
