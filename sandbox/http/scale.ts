import { valueAt } from '../../core/fields/pointer.ts';
import type { KubeObject } from '../../core/objects/object.ts';
import type { LabelSelector } from '../../core/selector.ts';
import { formatSelector } from '../../core/selector-text.ts';
import { badRequest } from '../api/error.ts';
import type { ScalePaths } from '../kinds/kind.ts';
import { isMap } from '../schema/type.ts';

/** The `scale` of an object, as `autoscaling/v1` has it. */
export function scaleOf(object: KubeObject, paths: ScalePaths): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = valueAt(object, paths.selector);
  const text = typeof selector === 'string' ? selector : formatSelector((selector ?? {}) as LabelSelector);
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name, ...JSON.parse(JSON.stringify({ namespace, uid, resourceVersion, creationTimestamp })) },
    spec: { replicas: Number(valueAt(object, paths.spec) ?? 0) },
    status: { replicas: Number(valueAt(object, paths.status) ?? 0), ...(text === '' ? {} : { selector: text }) },
  };
}

/**
 * An object scaled as its changed `scale` says.
 * @throws ApiError 400 for what is no scale
 */
export function scaled(object: Record<string, unknown>, paths: ScalePaths, scale: unknown): unknown {
  const replicas = valueAt(scale, ['spec', 'replicas']) ?? 0;
  if (!isMap(scale) || !Number.isInteger(replicas))
    throw badRequest('Scale in version "v1" cannot be handled as a Scale: spec.replicas is no whole number');
  const version = valueAt(scale, ['metadata', 'resourceVersion']);
  const changed = withValue(object, paths.spec, replicas) as Record<string, unknown>;
  if (typeof version !== 'string' || version === '') return changed;
  return { ...changed, metadata: { ...(changed.metadata as object), resourceVersion: version } };
}

function withValue(object: unknown, [first, ...rest]: readonly string[], value: unknown): unknown {
  if (first === undefined) return value;
  const map = isMap(object) ? object : {};
  return { ...map, [first]: withValue(map[first], rest, value) };
}
