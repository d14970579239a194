import { fromPointer } from '../../core/fields/pointer.ts';
import type { KubeObject } from '../../core/objects/object.ts';
import { typeOfSchema } from '../schema/custom.ts';
import { any, type Field, isMap, type JsonMap, type Type } from '../schema/type.ts';
import { customType } from './builtin.ts';
import type { Kind } from './kind.ts';

interface Version {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly schema?: { readonly openAPIV3Schema?: JsonMap };
  readonly subresources?: { readonly status?: unknown; readonly scale?: ScaleOfVersion };
  readonly additionalPrinterColumns?: readonly { name: string; type: string; jsonPath: string; priority?: number }[];
}
interface ScaleOfVersion {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}
interface Spec {
  readonly group: string;
  readonly scope: string;
  readonly names: {
    readonly plural: string;
    readonly singular: string;
    readonly kind: string;
    readonly shortNames?: readonly string[];
    readonly categories?: readonly string[];
  };
  readonly versions: readonly Version[];
}

/** Kinds by the specification that they were read from: stores with the same CRDs share them. */
const known = new WeakMap<object, Kind>();

/** The kind that a CRD defines, described by the version that is stored. */
export function kindOfDefinition(definition: KubeObject): Kind {
  const spec = definition.spec as unknown as Spec;
  const kind = known.get(spec) ?? readKind(spec);
  known.set(spec, kind);
  return kind;
}

function readKind(spec: Spec): Kind {
  const { names, versions } = spec;
  const served = versions.filter((version) => version.served);
  const stored = versions.find((version) => version.storage) ?? served[0];
  const schema = stored?.schema?.openAPIV3Schema ?? null;
  const scale = stored?.subresources?.scale;
  return {
    group: spec.group,
    versions: served.map(({ name }) => name).sort(byPriority),
    kind: names.kind,
    plural: names.plural,
    singular: names.singular,
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    namespaced: spec.scope === 'Namespaced',
    status: stored?.subresources?.status !== undefined,
    generation: true,
    scale:
      scale === undefined
        ? null
        : {
            spec: pathOf(scale.specReplicasPath),
            status: pathOf(scale.statusReplicasPath),
            selector: pathOf(scale.labelSelectorPath ?? ''),
          },
    type: typeOfObject(schema),
    custom: {
      columns: (stored?.additionalPrinterColumns ?? []).filter(({ priority = 0 }) => priority === 0),
      schema,
    },
  };
}

/** The schema's own members beside apiVersion, kind and metadata, which every object has. */
function typeOfObject(schema: JsonMap | null): Type {
  const base = customType(any, any);
  const own = typeOfSchema(schema);
  if (base.is !== 'map') return base;
  if (own.is !== 'map') return { ...base, values: any };
  const fields = new Map<string, Field>([...own.fields, ...[...base.fields].filter(([name]) => isFixed(name))]);
  return { ...base, fields, values: own.values };
}

function isFixed(name: string): boolean {
  return name === 'apiVersion' || name === 'kind' || name === 'metadata';
}

/** `.spec.replicas` → its segments */
function pathOf(jsonPath: string): string[] {
  return fromPointer(jsonPath.replaceAll('.', '/'));
}

/** v2, v1, v1beta2, v1beta1, v1alpha1, then the rest by name: the order of preference. */
function byPriority(a: string, b: string): number {
  const [left, right] = [rank(a), rank(b)];
  for (const [index, value] of left.entries()) if (value !== right[index]) return (right[index] ?? 0) - value;
  return a < b ? -1 : 1;
}

function rank(version: string): [number, number, number] {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (match === null) return [-1, 0, 0];
  const stability = match[2] === undefined ? 2 : match[2] === 'beta' ? 1 : 0;
  return [stability, Number(match[1]), Number(match[3] ?? 0)];
}

/** True once a CRD's kind is served. */
export function isEstablished(definition: KubeObject): boolean {
  const status = isMap(definition.status) ? definition.status : {};
  const conditions = Array.isArray(status.conditions) ? status.conditions : [];
  return conditions.some(
    (condition) => isMap(condition) && condition.type === 'Established' && condition.status === 'True',
  );
}
