import type { KubeObject } from '../../core/objects/object.ts';
import type { JsonMap } from '../schema/type.ts';

/** The kinds of Cluster API that every sandbox serves: enough of them to keep sets of machines in Git. */
const open: JsonMap = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const conditions: JsonMap = {
  type: 'array',
  items: { ...open, properties: { type: { type: 'string' } } },
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['type'],
};
const text: JsonMap = { type: 'string' };
const count: JsonMap = { type: 'integer', format: 'int32', minimum: 0 };
const status: JsonMap = { ...open, properties: { conditions, phase: text } };

const replicated: JsonMap = {
  type: 'object',
  properties: {
    spec: {
      ...open,
      required: ['clusterName', 'selector', 'template'],
      properties: {
        clusterName: { type: 'string', minLength: 1 },
        replicas: { ...count, default: 1 },
        selector: open,
        template: { ...open, properties: { metadata: open, spec: open } },
      },
    },
    status,
  },
};
const machine: JsonMap = {
  type: 'object',
  properties: {
    spec: {
      ...open,
      required: ['clusterName'],
      properties: { clusterName: { type: 'string', minLength: 1 }, providerID: text },
    },
    status,
  },
};
const cluster: JsonMap = {
  type: 'object',
  properties: { spec: { ...open, properties: { paused: { type: 'boolean' } } }, status },
};

const column = (name: string, jsonPath: string, type = 'string') => ({ name, jsonPath, type });
const scaled = [
  column('Replicas', '.status.replicas', 'integer'),
  column('Ready', '.status.readyReplicas', 'integer'),
  column('Available', '.status.availableReplicas', 'integer'),
];
const age = column('Age', '.metadata.creationTimestamp', 'date');
const ofCluster = column('Cluster', '.spec.clusterName');
const phase = column('Phase', '.status.phase');

const definitions: readonly [string, string, JsonMap, readonly JsonMap[], boolean][] = [
  ['Cluster', 'cl', cluster, [phase, age], false],
  ['Machine', 'ma', machine, [ofCluster, column('ProviderID', '.spec.providerID'), phase, age], false],
  ['MachineSet', 'ms', replicated, [ofCluster, ...scaled, age], true],
  ['MachineDeployment', 'md', replicated, [ofCluster, ...scaled, phase, age], true],
];

/** The CRDs that stand in every new store. All stores share their specifications. */
export const preinstalled: readonly KubeObject[] = definitions.map(
  ([kind, short, openAPIV3Schema, columns, scalable]) => {
    const plural = `${kind.toLowerCase()}s`;
    const scale = {
      specReplicasPath: '.spec.replicas',
      statusReplicasPath: '.status.replicas',
      labelSelectorPath: '.status.selector',
    };
    return {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${plural}.cluster.x-k8s.io` },
      spec: {
        group: 'cluster.x-k8s.io',
        scope: 'Namespaced',
        names: {
          kind,
          plural,
          singular: kind.toLowerCase(),
          listKind: `${kind}List`,
          shortNames: [short],
          categories: ['cluster-api'],
        },
        conversion: { strategy: 'None' },
        versions: [
          {
            name: 'v1beta1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema },
            subresources: { status: {}, ...(scalable ? { scale } : {}) },
            additionalPrinterColumns: columns,
          },
        ],
      },
    };
  },
);
