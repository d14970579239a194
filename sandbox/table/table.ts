import type { KubeObject } from '../../core/objects/object.ts';
import type { Kind } from '../kinds/kind.ts';
import { columnsOf } from './columns.ts';

export interface TableOptions {
  readonly now: number;
  /** What of each object goes with its row. */
  readonly include: 'None' | 'Metadata' | 'Object';
  readonly metadata: Readonly<Record<string, unknown>>;
  /** A later part of a watch leaves the columns out. */
  readonly headless?: boolean;
}

/** Objects as the table that `kubectl get` prints. */
export function tableOf(kind: Kind, objects: readonly KubeObject[], options: TableOptions): unknown {
  const columns = columnsOf(kind);
  const definitions = [
    { name: 'Name', type: 'string', format: 'name', description: '', priority: 0 },
    ...columns.map(({ name, type, priority }) => ({ name, type, format: '', description: '', priority })),
  ];
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: options.metadata,
    columnDefinitions: options.headless === true ? null : definitions,
    rows: objects.map((object) => ({
      cells: [object.metadata.name, ...columns.map(({ cell }) => cell(object, options.now) ?? null)],
      ...(options.include === 'None' ? {} : { object: options.include === 'Object' ? object : partial(object) }),
    })),
  };
}

/** The metadata of an object alone, as the server cuts it. */
export function partial(object: KubeObject): unknown {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}
