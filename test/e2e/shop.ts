/** The example that the end-to-end suites commit: one environment, one application. */

export const devEnvironment = `apiVersion: fairway.dev/v1
kind: Environment
metadata: {name: dev}
spec:
  clusters: {matchLabels: {env: dev}}
`;

export const shopApplication = `apiVersion: fairway.dev/v1
kind: Application
metadata: {name: shop}
spec:
  environments: [dev]
  namespace: shop
  variables: {logLevel: info}
  overrides:
    - {clusters: {matchLabels: {region: eu}}, variables: {logLevel: warn}}
`;

const shopNamespace = `apiVersion: v1
kind: Namespace
metadata: {name: shop}
`;

export function configMap(name: string, data: Record<string, string>): string {
  return `apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}}
data: ${JSON.stringify(data)}
`;
}

const webDeployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.0
          env: [{name: LOG_LEVEL, value: "\${{ logLevel }}"}]
          resources: {requests: {cpu: 1000m, memory: 64Mi}}
`;

/** The fleet repository at the start. */
export const shopFleet: Record<string, string> = {
  'environments/dev.yaml': devEnvironment,
  'apps/shop/app.yaml': shopApplication,
  'apps/shop/namespace.yaml': shopNamespace,
  'apps/shop/settings.yaml': configMap('settings', { greeting: 'hello', cluster: '${{ cluster.name }}' }),
  'apps/shop/extra.yaml': configMap('extra', { here: 'today' }),
  'apps/shop/web.yaml': webDeployment,
};
