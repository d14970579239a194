import { describe, expect, it } from 'vitest';
import { listKeys, listKeysOf } from './list-keys.ts';
import { fieldOwners } from './owners.ts';

const path = (text: string) => text.split('.');

describe('list keys', () => {
  it.each([
    ['apps', 'Deployment', 'spec.template.spec.containers', ['name']],
    ['apps', 'Deployment', 'spec.template.spec.containers.0.ports', ['containerPort', 'protocol']],
    ['apps', 'Deployment', 'spec.template.spec.containers.0.resources.claims', ['name']],
    ['', 'Pod', 'spec.resourceClaims', ['name']],
    ['apps', 'Deployment', 'spec.template.metadata.finalizers', 'set'],
    ['apps', 'Deployment', 'spec.template.metadata.ownerReferences', ['uid']],
    ['apps', 'Deployment', 'metadata.finalizers', 'set'],
    ['example.com', 'Widget', 'metadata.ownerReferences', ['uid']],
    ['example.com', 'Widget', 'spec.template.metadata.finalizers', null],
    ['apps', 'Deployment', 'spec.template.spec.tolerations', null],
    ['apps', 'Deployment', 'spec.template.spec.containers.0.envFrom', null],
    ['apps', 'StatefulSet', 'spec.volumeClaimTemplates', null],
    ['batch', 'Job', 'spec.podFailurePolicy.rules', null],
    ['batch', 'Job', 'spec.podFailurePolicy.rules.0.onExitCodes.values', 'set'],
    ['batch', 'CronJob', 'spec.jobTemplate.spec.template.spec.containers', ['name']],
    ['', 'Service', 'spec.ports', ['port', 'protocol']],
    ['', 'ServiceAccount', 'secrets', ['name']],
    ['', 'ServiceAccount', 'imagePullSecrets', null],
    ['admissionregistration.k8s.io', 'ValidatingWebhookConfiguration', 'webhooks', ['name']],
    ['admissionregistration.k8s.io', 'ValidatingWebhookConfiguration', 'webhooks.0.matchConditions', ['name']],
    ['admissionregistration.k8s.io', 'ValidatingWebhookConfiguration', 'webhooks.0.rules', null],
    ['admissionregistration.k8s.io', 'ValidatingAdmissionPolicy', 'spec.variables', ['name']],
    ['admissionregistration.k8s.io', 'ValidatingAdmissionPolicyBinding', 'spec.validationActions', 'set'],
    ['storage.k8s.io', 'CSIDriver', 'spec.volumeLifecycleModes', 'set'],
    ['rbac.authorization.k8s.io', 'Role', 'rules', null],
    ['networking.k8s.io', 'Ingress', 'spec.rules', null],
    ['example.com', 'Deployment', 'spec.template.spec.containers', null],
  ] as const)('[D2] of %s/%s at %s are %j', (group, kind, at, keys) => {
    expect(listKeys(group, kind, path(at))).toEqual(keys);
  });

  it('[D2] are those that the field owners show, before those of the table', () => {
    const owners = (list: Record<string, unknown>) =>
      fieldOwners([{ manager: 'a', operation: 'Update', fieldsV1: { 'f:list': list } }]).children.get('f:list');
    const widget = { group: 'example.com', kind: 'Widget' };
    const of = (list: Record<string, unknown>, live: unknown[], kind = widget, at = ['list']) =>
      listKeysOf(owners(list), live, kind, at);
    expect(of({ 'k:{"a":1,"b":"x"}': {} }, [{}])).toEqual(['a', 'b']);
    expect(of({ 'v:"x"': {} }, ['x'])).toBe('set');
    expect(of({}, ['x'])).toBeNull();
    const service = { group: '', kind: 'Service' };
    expect(of({}, [{ port: 80 }], service, ['spec', 'ports'])).toBeNull();
    expect(of({}, [], service, ['spec', 'ports'])).toEqual(['port', 'protocol']);
    expect(listKeysOf(undefined, [{}], service, ['spec', 'ports'])).toEqual(['port', 'protocol']);
  });
});
