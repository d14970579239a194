import { type DefinedKind, definedKinds, judgedBy, type Wanted, wantedObject } from '../../core/apply/desired.ts';
import { type Hook, hookFlaw, hookManifest, hookOf, isHook } from '../../core/apply/hooks.ts';
import type { OpenedBundle } from '../../core/bundle.ts';
import { toPointer } from '../../core/fields/pointer.ts';
import type { ObjectProblem } from '../../core/link/status.ts';
import { annotationFlaws } from '../../core/objects/annotations.ts';
import { describeRef, groupOf, type KubeObject, refOf } from '../../core/objects/object.ts';
import { leaveToAutoscalers } from '../drift/autoscaled.ts';
import { loadHealthRules } from '../drift/health-rules.ts';
import type { Kube, Resource } from '../kube/port.ts';
import { problem } from './problems.ts';

/** A wanted object and where it goes. */
export interface Target {
  readonly wanted: Wanted;
  readonly resource: Resource;
  /** False until the CustomResourceDefinition that the same bundle brings is established. */
  readonly served: boolean;
}

/** The Job of a hook, and where it goes. */
export interface HookTarget extends Target {
  readonly hook: Hook;
}

export interface Resolved {
  /** By the key of the object. */
  readonly targets: ReadonlyMap<string, Target>;
  readonly hooks: readonly HookTarget[];
  /** What of the bundle cannot be resolved, whatever the cluster says of the rest. */
  readonly problems: readonly ObjectProblem[];
}

/** Finds out where each object of a bundle goes, by discovery; kinds that the bundle itself defines are known before they are served. */
export async function resolve(kube: Kube, bundle: OpenedBundle, digest: string): Promise<Resolved> {
  const defined = definedKinds(bundle.objects);
  const healthOf = await loadHealthRules(bundle.health);
  const known = new Map<string, Promise<Kind | null>>();
  const targets = new Map<string, Target>();
  const hooks: HookTarget[] = [];
  const problems: ObjectProblem[] = [];
  for (const manifest of bundle.objects) {
    const id = `${manifest.apiVersion} ${manifest.kind}`;
    const lookup = known.get(id) ?? findKind(kube, manifest, defined);
    known.set(id, lookup);
    const kind = await lookup;
    if (kind === null) {
      const message = `${describeRef(refOf(manifest))}: the cluster does not serve ${manifest.kind} of ${manifest.apiVersion}`;
      problems.push(problem(refOf(manifest), 'not-served', message, '/apiVersion'));
      continue;
    }
    const namespace = bundle.namespace ?? 'default';
    const { application, ignore } = bundle;
    const sealed = bundle.sealed?.get(manifest);
    const runs = isHook(manifest);
    const applied = runs ? hookManifest(manifest, digest) : manifest;
    const plain = wantedObject(applied, application, kind.resource.namespaced, namespace, ignore, sealed);
    const wanted = judgedBy(plain, healthOf(plain.ref));
    problems.push(...flaws(wanted, targets, hooks));
    if (runs) hooks.push({ wanted, ...kind, hook: hookOf(manifest, wanted) });
    else targets.set(wanted.key, { wanted, ...kind });
  }
  return { targets: await leaveToAutoscalers(targets, bundle, kube), hooks, problems };
}

interface Kind {
  readonly resource: Resource;
  readonly served: boolean;
}

async function findKind(kube: Kube, manifest: KubeObject, defined: readonly DefinedKind[]): Promise<Kind | null> {
  const group = groupOf(manifest.apiVersion);
  const version = manifest.apiVersion.slice(group === '' ? 0 : group.length + 1);
  const resource = await kube.resourceOf(group, manifest.kind, version);
  if (resource !== null && resource.version === version) return { resource, served: true };
  const own = defined.find((kind) => kind.group === group && kind.kind === manifest.kind && kind.version === version);
  return own === undefined ? null : { resource: own, served: false };
}

function flaws(
  { key, ref, object }: Wanted,
  targets: ReadonlyMap<string, Target>,
  hooks: readonly HookTarget[],
): readonly ObjectProblem[] {
  const found: ObjectProblem[] = [];
  if (targets.has(key) || hooks.some(({ wanted }) => wanted.key === key))
    found.push(problem(ref, 'duplicate', `${describeRef(ref)} stands twice in the bundle`));
  if (typeof object.sops === 'string')
    found.push(problem(ref, 'encrypted', `${describeRef(ref)} is encrypted by SOPS, and this agent has no key for it`));
  for (const { annotation, message } of annotationFlaws(object)) {
    const field = toPointer(['metadata', 'annotations', annotation]);
    found.push(problem(ref, 'invalid', `${describeRef(ref)}: ${annotation} ${message}`, field));
  }
  const flaw = hookFlaw(object);
  if (flaw !== null) found.push(problem(ref, 'invalid', `${describeRef(ref)}: ${flaw.message}`, flaw.field));
  return found;
}
