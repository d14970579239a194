import type { KubeObject, ObjectRef } from '../../../core/objects/object.ts';
import { refOf } from '../../../core/objects/object.ts';
import type { Random } from '../../sim/random.ts';

/** What no log, event or status may show (A11). */
export const secretValue = 'hunter2';

/** An application that people change: its bundle now, and the next. */
export interface Evolving {
  readonly application: string;
  objects(): readonly KubeObject[];
  /** References of what is never taken out of it. */
  lasting(): readonly ObjectRef[];
  /** Changes, adds and takes out a few objects; in all its time never so many that a person would have to allow it (A6). */
  evolve(): void;
}

type Make = (name: string, namespace: string, revision: string) => KubeObject;

const makes: readonly Make[] = [
  (name, namespace, revision) => ({ ...named('v1', 'ConfigMap', name, namespace), data: { revision } }),
  (name, namespace, revision) => ({
    ...named('v1', 'Secret', name, namespace),
    type: 'Opaque',
    data: { password: Buffer.from(`${secretValue} ${revision}`).toString('base64') },
  }),
  (name, namespace, revision) => ({
    ...named('v1', 'Service', name, namespace),
    // Headless: a seed takes no address from the next.
    spec: {
      clusterIP: 'None',
      selector: { app: name, revision },
      ports: [{ port: 80, targetPort: 80, protocol: 'TCP' }],
    },
  }),
  (name, namespace, revision) => ({
    ...named('apps/v1', 'Deployment', name, namespace),
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'main', image: `example/app:${revision}` }] },
      },
    },
  }),
  (name, _, revision) => ({
    ...named('rbac.authorization.k8s.io/v1', 'ClusterRole', name),
    rules: [{ apiGroups: [''], resources: ['configmaps'], resourceNames: [revision], verbs: ['get'] }],
  }),
];

const lasting = 15;
const passing = 6;

export function createEvolving(application: string, namespace: string, random: Random): Evolving {
  let count = 0;
  let revision = 0;
  const next = () => {
    const make = makes[count % makes.length] as Make;
    const name = `${application}-${count++}`;
    return { name, make, revision: `r${++revision}` };
  };
  const objects = Array.from({ length: lasting + passing }, next);
  const made = () => objects.map(({ make, name, revision }) => make(name, namespace, revision));
  return {
    application,
    objects: made,
    lasting: () =>
      made()
        .slice(0, lasting)
        .map((object) => refOf(object)),
    evolve() {
      for (let changes = 1 + random.below(4); changes > 0; changes--) random.pick(objects).revision = `r${++revision}`;
      if (random.chance(0.6)) objects.push(next());
      // Those added since are taken out too, but never more than the first ones that may go.
      if (random.chance(0.6) && count - objects.length < passing)
        objects.splice(lasting + random.below(objects.length - lasting), 1);
    },
  };
}

function named(apiVersion: string, kind: string, name: string, namespace?: string): KubeObject {
  return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } };
}
