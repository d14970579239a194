import type { KubeObject } from '../../../core/objects/object.ts';

/** A sort of bundle that the agent is measured with. */
export interface Sort {
  readonly name: string;
  /** So many objects, all in one namespace, equal for equal arguments. */
  make(count: number, namespace: string): readonly KubeObject[];
}

/** ConfigMaps of 1 KB. */
export const plain: Sort = {
  name: 'ConfigMaps',
  make: (count, namespace) =>
    Array.from({ length: count }, (_, index) => configMap(`map-${index}`, namespace, String(index))),
};

/** What services are made of: ten objects of nine kinds each. None of them needs a controller to stand. */
export const mixed: Sort = {
  name: 'common objects',
  make: (count, namespace) =>
    Array.from({ length: Math.ceil(count / 10) }, (_, index) => service(`service-${index}`, namespace))
      .flat()
      .slice(0, count),
};

function configMap(name: string, namespace: string, index: string): KubeObject {
  const data = { index, text: `${index} ${'x'.repeat(800)}` };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}

function service(name: string, namespace: string): readonly KubeObject[] {
  const of = (apiVersion: string, kind: string, rest: object, leaf = name): KubeObject => ({
    apiVersion,
    kind,
    metadata: { name: leaf, namespace, labels: { 'app.kubernetes.io/name': name } },
    ...rest,
  });
  const rbac = 'rbac.authorization.k8s.io';
  const backend = { service: { name, port: { name: 'http' } } };
  return [
    of('v1', 'ServiceAccount', { automountServiceAccountToken: false }),
    of(`${rbac}/v1`, 'Role', { rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'watch'] }] }),
    of(`${rbac}/v1`, 'RoleBinding', {
      roleRef: { apiGroup: rbac, kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    }),
    of('v1', 'Secret', { type: 'Opaque', data: { password: Buffer.from(`${name} secret`).toString('base64') } }),
    of('v1', 'ConfigMap', { data: { 'application.yaml': `name: ${name}\n${'key: value\n'.repeat(40)}` } }),
    of('v1', 'ConfigMap', { data: { LOG_LEVEL: 'info', REGION: 'eu' } }, `${name}-environment`),
    of('v1', 'Service', {
      spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }] },
    }),
    of('apps/v1', 'Deployment', { spec: deployment(name) }),
    of('networking.k8s.io/v1', 'NetworkPolicy', {
      spec: { podSelector: { matchLabels: { app: name } }, ingress: [{ ports: [{ port: 8080, protocol: 'TCP' }] }] },
    }),
    of('networking.k8s.io/v1', 'Ingress', {
      spec: { rules: [{ host: `${name}.example.com`, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }] },
    }),
  ];
}

function deployment(name: string): object {
  const probe = { httpGet: { path: '/healthz', port: 'http' } };
  return {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        serviceAccountName: name,
        containers: [
          {
            name: 'main',
            image: `registry.example.com/${name}:1.0.0`,
            ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
            env: [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name, key: 'password' } } }],
            envFrom: [{ configMapRef: { name: `${name}-environment` } }],
            resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
            readinessProbe: probe,
            livenessProbe: probe,
            volumeMounts: [{ name: 'configuration', mountPath: '/etc/app' }],
          },
        ],
        volumes: [{ name: 'configuration', configMap: { name } }],
      },
    },
  };
}
