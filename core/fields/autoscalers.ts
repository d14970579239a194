import type { IgnoreRule } from '../bundle.ts';
import { fields, text } from '../health/report.ts';
import { groupOf, type KubeObject } from '../objects/object.ts';

/** The field that an autoscaler owns in what it scales. */
export const replicasField = '/spec/replicas';

/**
 * Rules that leave the replicas of workloads to the autoscalers among some objects: HorizontalPodAutoscalers, and the
 * ScaledObjects from which KEDA makes them (D4).
 * @param namespace of those that name none
 */
export function autoscalerRules(objects: readonly KubeObject[], namespace: string): readonly IgnoreRule[] {
  return objects.flatMap((object) => {
    const isAutoscaler = scalers.has(`${groupOf(object.apiVersion)}/${object.kind}`);
    const target = fields(fields(object.spec).scaleTargetRef);
    const name = text(target, 'name');
    if (!isAutoscaler || name === '') return [];
    const selected = {
      group: groupOf(text(target, 'apiVersion') || 'apps/v1'),
      kind: text(target, 'kind') || 'Deployment',
      namespace: object.metadata.namespace ?? namespace,
      name,
    };
    return [{ ...selected, fields: [replicasField] }];
  });
}

const scalers = new Set(['autoscaling/HorizontalPodAutoscaler', 'keda.sh/ScaledObject']);
