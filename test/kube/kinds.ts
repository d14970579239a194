import type { KubeObject } from '../../core/objects/object.ts';

/** One of nearly every built-in kind, spelt as people spell them: not as the API server gives them back. */
export function unusuallySpelt(namespace: string): readonly KubeObject[] {
  const meta = (name: string) => ({ name, namespace });
  const pod = {
    hostNetwork: false,
    securityContext: {},
    tolerations: [{ key: 'a', operator: 'Exists' }],
    volumes: [
      { name: 'scratch', emptyDir: {} },
      { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '1024Ki' } },
      { name: 'config', configMap: { name: 'settings' } },
    ],
    initContainers: [{ name: 'first', image: 'busybox' }],
    containers: [
      {
        name: 'main',
        image: 'example/app:1',
        command: null,
        args: [],
        env: [
          { name: 'EMPTY', value: '' },
          { name: 'FROM', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1000m' } } },
        ],
        ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' }, { name: 'admin', containerPort: 9000 }],
        resources: { requests: { cpu: 0.5, memory: '1024Mi' }, limits: { cpu: '1000m', memory: '1.5Gi' } },
        readinessProbe: { httpGet: { path: '/', port: 80 } },
        livenessProbe: { tcpSocket: { port: 'admin' }, periodSeconds: 7 },
        volumeMounts: [
          { name: 'scratch', mountPath: '/tmp' },
          { name: 'config', mountPath: '/etc/app', readOnly: true },
        ],
        securityContext: { capabilities: { drop: ['ALL'] }, privileged: false },
      },
    ],
  };
  const template = (app: string) => ({ metadata: { creationTimestamp: null, labels: { app } }, spec: pod });
  const selector = (app: string) => ({ matchLabels: { app } });
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: meta('web'),
      spec: {
        replicas: 0,
        strategy: { rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } },
        selector: selector('web'),
        template: template('web'),
      },
      status: {},
    },
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: meta('node'),
      spec: { selector: selector('node'), template: template('node') },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: meta('store'),
      spec: {
        serviceName: 'store',
        selector: selector('store'),
        template: template('store'),
        volumeClaimTemplates: [
          {
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1024Mi' } } },
          },
        ],
      },
    },
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: meta('once'),
      spec: {
        backoffLimit: 2,
        template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] } },
      },
    },
    { apiVersion: 'v1', kind: 'Pod', metadata: meta('alone'), spec: pod },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: meta('web'),
      spec: {
        selector: { app: 'web' },
        ports: [{ port: 80 }, { name: 'admin', port: 9000, targetPort: 'admin' }].map((port, index) => ({
          name: `p${index}`,
          ...port,
        })),
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: meta('outside'),
      spec: { type: 'LoadBalancer', ports: [{ port: 80, targetPort: 80 }] },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: meta('settings'),
      data: { 'a.conf': 'one: 1000m\n', empty: '' },
      binaryData: { bytes: 'AAEC' },
    },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: meta('key'),
      type: 'Opaque',
      data: { plain: 'aGk=' },
      stringData: { text: 'hello' },
    },
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: meta('runner'),
      imagePullSecrets: [{ name: 'registry' }],
      automountServiceAccountToken: false,
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: meta('disk'),
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2048Mi' } } },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `${namespace}-pv` },
      spec: { capacity: { storage: '1024Mi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/tmp/x' } },
    },
    {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: meta('quota'),
      spec: { hard: { 'requests.cpu': 4, pods: '100', 'requests.memory': '8192Mi' } },
    },
    {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: meta('limits'),
      spec: {
        limits: [{ type: 'Container', default: { cpu: '500m', memory: '0.5Gi' }, defaultRequest: { cpu: 0.1 } }],
      },
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: meta('reader'),
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: meta('reader'),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
      subjects: [{ kind: 'ServiceAccount', name: 'runner', namespace }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: `${namespace}-all` },
      rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: meta('web'),
      spec: {
        rules: [
          {
            host: 'shop.example',
            http: {
              paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }],
            },
          },
        ],
      },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: meta('deny'),
      spec: { podSelector: {}, ingress: [{ ports: [{ port: 80 }], from: [{ podSelector: {} }] }] },
    },
    {
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata: meta('web'),
      spec: {
        maxReplicas: 3,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        targetCPUUtilizationPercentage: 70,
      },
    },
    { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: `${namespace}-high` }, value: 1000 },
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: `${namespace}-fast` },
      provisioner: 'example.com/disk',
      parameters: { type: 'ssd' },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: `${namespace}-hook` },
      webhooks: [
        {
          name: 'a.example.com',
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          failurePolicy: 'Ignore',
          clientConfig: { service: { name: 'hook', namespace } },
          rules: [{ apiGroups: ['example.com'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['widgets'] }],
        },
      ],
    },
    {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `gadgets.${namespace}.example.com` },
      spec: {
        group: `${namespace}.example.com`,
        scope: 'Namespaced',
        names: { kind: 'Gadget', plural: 'gadgets' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    },
  ];
}
