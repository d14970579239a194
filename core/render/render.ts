import type { Bundle } from '../bundle.ts';
import type { Digest } from '../canonical.ts';
import type { Problem } from '../errors.ts';
import type { Application } from '../kinds/parse.ts';
import { describeRef, groupOf, type KubeObject, refKey, refOf } from '../objects/object.ts';
import { annotationProblems } from './annotations.ts';
import { type Manifest, problemOf, toObject } from './manifest.ts';
import { patchObject } from './patch.ts';
import type { Prepared } from './prepare.ts';
import { expandedSize, missingValues, type RenderScope, type RenderTarget, renderKeyOf, scopeOf } from './scope.ts';
import type { Template } from './template.ts';
import { lookUp } from './variables.ts';

/** A release rendered for one target. The bundle is null where an error is among the problems. */
export interface Rendered {
  readonly key: Digest;
  readonly bundle: Bundle | null;
  readonly problems: readonly Problem[];
}

/** The key under which targets share a render. Cheap. */
export function renderKey(prepared: Prepared, target: RenderTarget): Digest {
  return renderKeyOf(prepared, scopeOf(prepared, target));
}

/** Renders a release for one target. Pure: equal files and values give equal bundles (G3). */
export function render(prepared: Prepared, target: RenderTarget): Rendered {
  return renderIn(prepared, scopeOf(prepared, target));
}

/** Renders a release in a scope, however that came about. */
export function renderIn(prepared: Prepared, scope: RenderScope): Rendered {
  const key = renderKeyOf(prepared, scope);
  const missing = missingValues(prepared, scope);
  if (missing.length > 0) return { key, bundle: null, problems: missing };

  const { application } = prepared;
  if (expandedSize(prepared, scope) > expansionLimit) {
    return { key, bundle: null, problems: [tooLarge(application)] };
  }
  const problems: Problem[] = [];
  const placed = new Map<string, Placed>();
  for (const manifest of prepared.manifests) {
    const object = objectOf(manifest, scope, problems);
    if (object === null) continue;
    const id = refKey(refOf(object, namespaceOf(object, application)));
    const other = placed.get(id);
    if (other === undefined) placed.set(id, { object, manifest });
    else problems.push(twice(object, manifest, other));
  }
  const byName = Map.groupBy([...placed.keys()], (id) => nameKey((placed.get(id) as Placed).object));
  for (const index of scope.patched) {
    for (const patch of prepared.patches[index] ?? [])
      applyPatch(patch, application, scope, { placed, byName }, problems);
  }
  for (const { object, manifest } of placed.values()) problems.push(...annotationProblems(object, manifest));
  if (problems.some(({ severity }) => severity === 'error')) return { key, bundle: null, problems };
  const { spec } = application;
  const bundle: Bundle = {
    application: application.name,
    namespace: spec.namespace ?? null,
    conflicts: spec.conflicts,
    ignore: spec.ignore,
    health: spec.health,
    objects: [...placed.values()].map(({ object }) => object),
  };
  return { key, bundle, problems };
}

/** What variables add to a release, in characters: an agent takes no larger bundle (L7). */
const expansionLimit = 64 * 1024 * 1024;

function tooLarge({ file }: Application): Problem {
  const message = `the variables of this application come to more than ${expansionLimit / 1024 / 1024} MiB where they are used`;
  return problemOf('bundle-too-large', file, null, 'spec.variables', message, 'refer to smaller values, or less often');
}

interface Placed {
  readonly object: KubeObject;
  readonly manifest: Manifest;
}

function objectOf(manifest: Manifest, scope: RenderScope, problems: Problem[]): KubeObject | null {
  const result = toObject(evaluate(manifest.template, scope), manifest);
  problems.push(...result.problems);
  return result.object;
}

function evaluate(template: Template, scope: RenderScope): unknown {
  if (template.evaluate === null) return template.value;
  return template.evaluate((reference) => lookUp(reference, scope));
}

function namespaceOf(object: KubeObject, { spec }: Application): string {
  return object.metadata.namespace ?? spec.namespace ?? 'default';
}

function applyPatch(
  manifest: Manifest,
  application: Application,
  scope: RenderScope,
  { placed, byName }: { placed: Map<string, Placed>; byName: ReadonlyMap<string, readonly string[]> },
  problems: Problem[],
): void {
  const patch = objectOf(manifest, scope, problems);
  if (patch === null) return;
  const { file, line } = manifest;
  const targets = (byName.get(nameKey(patch)) ?? [])
    .map((id) => [id, placed.get(id) as Placed] as const)
    .filter(([, { object }]) => isTarget(object, patch, application));
  const name = describeRef(refOf(patch));
  if (targets.length === 0) {
    const message = `this patch is for ${name}, which no manifest declares`;
    problems.push(
      problemOf('patch-unmatched', file, line, 'metadata.name', message, 'correct its kind, name or namespace'),
    );
  }
  for (const [id, target] of targets) {
    if (typeof target.object.sops === 'string') {
      const message = `${name} is encrypted by SOPS, and no patch can touch it`;
      problems.push(problemOf('patch-encrypted', file, line, null, message, 'encrypt one file a variant'));
    } else placed.set(id, { ...target, object: patchObject(target.object, patch) });
  }
}

/** Of two objects of one name and kind: a patch without a namespace is for the one in any. */
function isTarget(object: KubeObject, patch: KubeObject, application: Application): boolean {
  return patch.metadata.namespace === undefined || patch.metadata.namespace === namespaceOf(object, application);
}

function nameKey({ apiVersion, kind, metadata }: KubeObject): string {
  return `${groupOf(apiVersion)}/${kind}/${metadata.name}`;
}

function twice(object: KubeObject, manifest: Manifest, other: Placed): Problem {
  const message = `${describeRef(refOf(object))} is in ${other.manifest.file} (line ${other.manifest.line}) too`;
  return problemOf('object-twice', manifest.file, manifest.line, 'metadata.name', message, 'keep one of them');
}
