import { canonicalJson, digestOf } from '../../core/canonical.ts';
import { sandboxFailAnnotation } from '../../core/objects/annotations.ts';
import type { KubeObject } from '../../core/objects/object.ts';
import { mapOf } from '../kinds/defaults/draft.ts';

/** How far a set of replicas has come, kept between two looks at it. */
export interface Progress {
  /** Names the template that is being rolled out. */
  readonly revision: string;
  /** The revision that the replicas ran which were there before. */
  readonly previous: string;
  /** Ready replicas of this revision. */
  readonly ready: number;
  /** Ready replicas of older ones. */
  readonly old: number;
  /** When the wait for more replicas began, in milliseconds; null where none is missing. */
  readonly since: number | null;
}

export interface Look {
  readonly now: number;
  /** Milliseconds until a new replica is ready. */
  readonly readyAfter: number;
  readonly wanted: number;
}

/** The progress of an object whose replicas follow `spec.template`, given what it was when it was last looked at. */
export function advance(object: KubeObject, before: Progress | undefined, look: Look): Progress {
  const { now, readyAfter, wanted } = look;
  const paused = mapOf(object, 'spec')?.paused === true;
  const found = paused && before !== undefined ? before.revision : revisionOf(object);
  let progress = before ?? begin(object, found);
  if (progress.revision !== found) {
    const ready = progress.ready + progress.old;
    progress = { revision: found, previous: progress.revision, ready: 0, old: ready, since: null };
  }
  const old = Math.min(progress.old, wanted);
  if (fails(object)) {
    const since = progress.since ?? now;
    return { ...progress, ready: 0, old, since: wanted === 0 ? null : since };
  }
  if (progress.ready >= wanted && old === 0)
    return { ...progress, ready: wanted, old: 0, since: null, previous: found };
  const since = progress.since ?? now;
  if (now < since + readyAfter) return { ...progress, old, since };
  return { revision: found, previous: found, ready: wanted, old: 0, since: null };
}

/** What an object was before the sandbox looked at it: what its status says, if that is about what it is now. */
function begin(object: KubeObject, revision: string): Progress {
  const status = mapOf(object, 'status');
  const seen = status?.observedGeneration === object.metadata.generation && status?.observedGeneration !== undefined;
  const ready = Number(status?.readyReplicas ?? status?.numberReady ?? 0);
  return { revision, previous: revision, ready: seen ? ready : 0, old: seen ? 0 : ready, since: null };
}

/** A short name for the template of an object. */
function revisionOf(object: KubeObject): string {
  return digestOf(canonicalJson(mapOf(object, 'spec')?.template ?? null)).slice(7, 17);
}

/** True for an object that is marked never to become ready. */
export function fails(object: KubeObject): boolean {
  const template = mapOf(mapOf(mapOf(object, 'spec'), 'template'), 'metadata');
  return isMarked(object.metadata.annotations) || isMarked(mapOf(template, 'annotations'));
}

function isMarked(annotations: Record<string, unknown> | undefined): boolean {
  const mark = annotations?.[sandboxFailAnnotation];
  return mark !== undefined && mark !== 'false';
}
