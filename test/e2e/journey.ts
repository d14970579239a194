import { configMap, devEnvironment } from './shop.ts';

/** The fleet that the journey across environments is tried on. */

const staging = `apiVersion: fairway.dev/v1
kind: Environment
metadata: {name: staging}
spec:
  clusters: {matchLabels: {env: staging}}
  promotion: {from: [dev], mode: auto, soak: 1s}
`;

/** Dev, staging and prod. @param onFailure what a failed cluster of prod leads to */
export function environments(onFailure: 'pause' | 'rollback'): Record<string, string> {
  return {
    'environments/dev.yaml': devEnvironment,
    'environments/staging.yaml': staging,
    'environments/prod.yaml': `apiVersion: fairway.dev/v1
kind: Environment
metadata: {name: prod}
spec:
  clusters: {matchLabels: {env: prod}}
  promotion:
    from: [staging]
    soak: 1s
    approvals: {required: 2, from: ["role:approver"]}
  rollout:
    waves:
      - {name: canary, clusters: {matchLabels: {ring: canary}}, soak: 1s}
      - {name: quarter, percent: 25}
      - {name: rest}
    maxUnavailable: 1
    failureThreshold: 1
    progressDeadline: 10s
    onFailure: ${onFailure}
`,
  };
}

/** An application that is healthy everywhere. */
export function shop(greeting: string): Record<string, string> {
  return {
    'apps/shop/app.yaml': `apiVersion: fairway.dev/v1
kind: Application
metadata: {name: shop}
spec:
  environments: [dev, staging, prod]
  namespace: shop
`,
    'apps/shop/namespace.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n',
    'apps/shop/settings.yaml': configMap('settings', { greeting }),
  };
}

/** What only becomes ready where something plays its Pods. */
export function web(version: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: "registry.example/web:${version}"}]
`;
}
