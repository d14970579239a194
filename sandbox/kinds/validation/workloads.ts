import { canonicalJson } from '../../../core/canonical.ts';
import type { KubeObject } from '../../../core/objects/object.ts';
import { type LabelSelector, type Labels, matches } from '../../../core/selector.ts';
import type { Cause } from '../../api/error.ts';
import { isMap, type JsonMap } from '../../schema/type.ts';
import { mapOf } from '../defaults/draft.ts';
import { forbiddenField, required, shown, unsupported, wrong, wrongStruct } from './cause.ts';
import { checkLabels } from './metadata.ts';
import { checkPod } from './pod.ts';

const immutable = 'field is immutable';

/** What is wrong with a workload that keeps pods of a template and finds them by a selector. */
export function checkWorkload(object: KubeObject, before: KubeObject | null): Cause[] {
  const spec = mapOf(object, 'spec');
  const old = before === null ? undefined : mapOf(before, 'spec');
  const causes = [...checkCounts(spec), ...checkSelector(spec)];
  causes.push(...checkTemplate(spec, 'spec.template'));
  if (object.kind !== 'StatefulSet' && old !== undefined && differ(old.selector, spec?.selector)) {
    causes.push(wrongStruct('spec.selector', goSelector(spec?.selector), immutable));
  }
  if (object.kind === 'StatefulSet' && old !== undefined) causes.push(...checkStatefulSetUpdate(old, spec ?? {}));
  const policy = mapOf(mapOf(spec, 'template'), 'spec')?.restartPolicy;
  if (policy !== 'Always') causes.push(unsupported('spec.template.spec.restartPolicy', policy, ['Always']));
  return causes;
}

export function checkJob(object: KubeObject, before: KubeObject | null): Cause[] {
  const spec = mapOf(object, 'spec');
  const old = before === null ? undefined : mapOf(before, 'spec');
  const causes = checkJobSpec(spec, 'spec');
  for (const name of ['selector', 'template', 'completions', 'completionMode']) {
    if (old === undefined || !differ(old[name], spec?.[name]) || (name === 'template' && old.suspend === true))
      continue;
    const value = name === 'template' ? 'core.PodTemplateSpec{…}' : shown(spec?.[name]);
    causes.push(wrongStruct(`spec.${name}`, value, immutable));
  }
  return causes;
}

export function checkCronJob(object: KubeObject): Cause[] {
  const spec = mapOf(object, 'spec');
  const schedule = String(spec?.schedule ?? '');
  const causes: Cause[] = [];
  if (schedule === '') causes.push(required('spec.schedule'));
  else if (!/^(@\w+( \S+)?|\S+( \S+){4})$/.test(schedule)) {
    causes.push(
      wrong('spec.schedule', schedule, `expected exactly 5 fields, found ${schedule.split(' ').length}: [${schedule}]`),
    );
  }
  const policies = ['Allow', 'Forbid', 'Replace'];
  if (!policies.includes(String(spec?.concurrencyPolicy))) {
    causes.push(unsupported('spec.concurrencyPolicy', spec?.concurrencyPolicy, policies));
  }
  return [...causes, ...checkJobSpec(mapOf(mapOf(spec, 'jobTemplate'), 'spec'), 'spec.jobTemplate.spec')];
}

function checkJobSpec(spec: JsonMap | undefined, at: string): Cause[] {
  const policy = mapOf(mapOf(spec, 'template'), 'spec')?.restartPolicy;
  const causes = checkTemplate(spec, `${at}.template`);
  if (policy === 'Always') {
    causes.push({
      ...required(`${at}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"'),
    });
  }
  return causes;
}

function checkCounts(spec: JsonMap | undefined): Cause[] {
  return ['replicas', 'minReadySeconds', 'revisionHistoryLimit', 'progressDeadlineSeconds']
    .filter((name) => typeof spec?.[name] === 'number' && spec[name] < 0)
    .map((name) => wrong(`spec.${name}`, spec?.[name], 'must be greater than or equal to 0'));
}

function checkSelector(spec: JsonMap | undefined): Cause[] {
  const selector = mapOf(spec, 'selector');
  if (selector === undefined) return [required('spec.selector')];
  const labels = (mapOf(mapOf(mapOf(spec, 'template'), 'metadata'), 'labels') ?? {}) as Labels;
  const causes = checkLabels('spec.selector.matchLabels', selector.matchLabels);
  const empty = selector.matchLabels === undefined && selector.matchExpressions === undefined;
  if (empty) {
    causes.push(wrongStruct('spec.selector', goSelector(selector), 'empty selector is invalid for deployment'));
  } else if (!matches(selector as LabelSelector, labels)) {
    causes.push(wrong('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'));
  }
  return causes;
}

function checkTemplate(spec: JsonMap | undefined, at: string): Cause[] {
  const template = mapOf(spec, 'template');
  const labels = mapOf(mapOf(template, 'metadata'), 'labels');
  return [...checkLabels(`${at}.metadata.labels`, labels), ...checkPod(mapOf(template, 'spec'), `${at}.spec`)];
}

const changeable = new Set([
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
  'revisionHistoryLimit',
]);

function checkStatefulSetUpdate(old: JsonMap, spec: JsonMap): Cause[] {
  const fixed = (all: JsonMap) => Object.fromEntries(Object.entries(all).filter(([name]) => !changeable.has(name)));
  if (!differ(fixed(old), fixed(spec))) return [];
  const why =
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
  return [forbiddenField('spec', why)];
}

function differ(a: unknown, b: unknown): boolean {
  return canonicalJson(a ?? null) !== canonicalJson(b ?? null);
}

function goSelector(selector: unknown): string {
  const labels = isMap(selector) ? selector.matchLabels : undefined;
  const text = labels === undefined ? 'map[string]string(nil)' : shown(labels);
  return `v1.LabelSelector{MatchLabels:${text}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}`;
}
