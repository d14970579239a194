import type { Labels } from '../selector.ts';

/** What stands between `${{` and `}}` (G3). */
export type Reference =
  | { readonly type: 'variable'; readonly name: string }
  | { readonly type: 'cluster-name' }
  | { readonly type: 'cluster-label'; readonly key: string }
  | { readonly type: 'environment' };

/** `logLevel`, `cluster.name`, `cluster.labels.region`, `cluster.labels['a.b/c']`, `environment`; null where it is none. */
export function parseReference(text: string): Reference | null {
  if (text === 'environment') return { type: 'environment' };
  if (text === 'cluster.name') return { type: 'cluster-name' };
  const label = /^cluster\.labels(?:\.([A-Za-z0-9_./-]+)|\[\s*'([^']+)'\s*\]|\[\s*"([^"]+)"\s*\])$/.exec(text);
  if (label !== null) return { type: 'cluster-label', key: label[1] ?? label[2] ?? label[3] ?? '' };
  if (/^[A-Za-z_][A-Za-z0-9_-]*$/.test(text) && text !== 'cluster') return { type: 'variable', name: text };
  return null;
}

/** The inverse of `parseReference`: one text for each reference. */
export function describeReference(reference: Reference): string {
  switch (reference.type) {
    case 'variable':
      return reference.name;
    case 'cluster-name':
      return 'cluster.name';
    case 'cluster-label':
      return /^[A-Za-z0-9_]+$/.test(reference.key)
        ? `cluster.labels.${reference.key}`
        : `cluster.labels['${reference.key}']`;
    case 'environment':
      return 'environment';
  }
}

/** What references refer to, for one cluster. */
export interface VariableScope {
  /** Those of the application, overrides applied. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly cluster: { readonly name: string; readonly labels: Labels };
  readonly environment: string;
}

/** The value of a reference; undefined where there is none. */
export function lookUp(reference: Reference, { variables, cluster, environment }: VariableScope): unknown {
  switch (reference.type) {
    case 'variable':
      return Object.hasOwn(variables, reference.name) ? variables[reference.name] : undefined;
    case 'cluster-name':
      return cluster.name;
    case 'cluster-label':
      return Object.hasOwn(cluster.labels, reference.key) ? cluster.labels[reference.key] : undefined;
    case 'environment':
      return environment;
  }
}

/** Every reference that has a value, for errors. */
export function knownReferences({ variables, cluster }: VariableScope): string[] {
  return [
    ...Object.keys(variables).sort(),
    'cluster.name',
    'environment',
    ...Object.keys(cluster.labels)
      .sort()
      .map((key) => describeReference({ type: 'cluster-label', key })),
  ];
}
