import { expect, it } from 'vitest';
import { describeOnBoth } from './both.ts';
import { configMap, deployment, deploymentPath, mapPath } from './objects.ts';

describeOnBoth('creating and updating', {}, (server) => {
  it('gives an object its identity, and a generated name', async () => {
    const namespace = await server.namespace();
    const { status, body } = await server.call('POST', mapPath(namespace), { body: configMap(namespace, 'a') });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'a',
        namespace,
        uid: expect.stringMatching(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/),
        resourceVersion: expect.stringMatching(/^\d+$/),
        creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        managedFields: [{ manager: 'core-suite', operation: 'Update', fieldsType: 'FieldsV1' }],
      },
    });
    expect(body.metadata.generation).toBeUndefined();
    const generated = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'x-' } };
    expect((await server.call('POST', mapPath(namespace), { body: generated })).body.metadata.name).toMatch(
      /^x-[a-z0-9]{5}$/,
    );
  });

  it('fills in what the server defaults, and counts what is wanted anew', async () => {
    const namespace = await server.namespace();
    const { body } = await server.call('POST', deploymentPath(namespace), { body: deployment(namespace, 'web') });
    expect(body.spec).toMatchObject({
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      template: {
        spec: {
          restartPolicy: 'Always',
          dnsPolicy: 'ClusterFirst',
          schedulerName: 'default-scheduler',
          securityContext: {},
          terminationGracePeriodSeconds: 30,
          containers: [
            {
              imagePullPolicy: 'IfNotPresent',
              resources: {},
              terminationMessagePath: '/dev/termination-log',
              terminationMessagePolicy: 'File',
            },
          ],
        },
      },
    });
    expect(body.metadata.generation).toBe(1);
    const merge = { type: 'application/merge-patch+json' };
    const path = deploymentPath(namespace, 'web');
    const labelled = await server.call('PATCH', path, { body: { metadata: { labels: { a: 'b' } } }, ...merge });
    expect(labelled.body.metadata.generation).toBe(1);
    const scaled = await server.call('PATCH', path, { body: { spec: { replicas: 2 } }, ...merge });
    expect(scaled.body.metadata.generation).toBe(2);
  });

  it('brings quantities, texts of Secrets and ports of Services into their form', async () => {
    const namespace = await server.namespace();
    const resources = { limits: { cpu: '1000m', memory: '1024Mi' }, requests: { cpu: 0.5, memory: '1.5Gi' } };
    const object = deployment(namespace, 'web', {
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          containers: [
            { name: 'main', image: 'a', resources: { ...resources, requests: { cpu: '0.5', memory: '512Mi' } } },
          ],
        },
      },
    });
    const { body } = await server.call('POST', deploymentPath(namespace), { body: object });
    expect(body.spec.template.spec.containers[0]).toMatchObject({
      imagePullPolicy: 'Always',
      resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m', memory: '512Mi' } },
    });
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { a: 'b' } };
    const made = await server.call('POST', `/api/v1/namespaces/${namespace}/secrets`, { body: secret });
    expect(made.body).toMatchObject({ type: 'Opaque', data: { a: 'Yg==' } });
    expect(made.body.stringData).toBeUndefined();
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    };
    const served = await server.call('POST', `/api/v1/namespaces/${namespace}/services`, { body: service });
    expect(served.body.spec).toMatchObject({
      type: 'ClusterIP',
      sessionAffinity: 'None',
      clusterIP: expect.stringMatching(/^10\./),
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
    });
  });

  it('refuses what was changed meanwhile, is there already, or is not there', async () => {
    const namespace = await server.namespace();
    const created = await server.call('POST', mapPath(namespace), { body: configMap(namespace, 'a') });
    const exists = await server.call('POST', mapPath(namespace), { body: configMap(namespace, 'a') });
    expect(exists).toMatchObject({
      status: 409,
      body: {
        reason: 'AlreadyExists',
        message: 'configmaps "a" already exists',
        details: { name: 'a', kind: 'configmaps' },
      },
    });
    const update = { ...created.body, data: { a: '2' } };
    const updated = await server.call('PUT', mapPath(namespace, 'a'), { body: update });
    expect(updated).toMatchObject({ status: 200, body: { data: { a: '2' } } });
    const stale = await server.call('PUT', mapPath(namespace, 'a'), { body: update });
    expect(stale).toMatchObject({
      status: 409,
      body: {
        reason: 'Conflict',
        message:
          'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
      },
    });
    const missing = await server.call('GET', deploymentPath(namespace, 'nothing'));
    expect(missing).toMatchObject({
      status: 404,
      body: {
        reason: 'NotFound',
        message: 'deployments.apps "nothing" not found',
        details: { name: 'nothing', group: 'apps', kind: 'deployments' },
      },
    });
  });

  it('changes nothing by an update without a change', async () => {
    const namespace = await server.namespace();
    const { body } = await server.call('POST', mapPath(namespace), { body: configMap(namespace, 'a') });
    const same = await server.call('PUT', mapPath(namespace, 'a'), { body });
    expect(same.body.metadata).toEqual(body.metadata);
  });

  it('scales through the subresource', async () => {
    const namespace = await server.namespace();
    await server.call('POST', deploymentPath(namespace), { body: deployment(namespace, 'web') });
    const path = `${deploymentPath(namespace, 'web')}/scale`;
    const { body } = await server.call('GET', path);
    expect(body).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      spec: { replicas: 1 },
      status: { selector: 'app=web' },
    });
    // Without the version that was read: a controller may have told the status meanwhile.
    const { name } = body.metadata as { name: string };
    const unversioned = { ...body, metadata: { name, namespace } };
    const { status } = await server.call('PUT', path, { body: { ...unversioned, spec: { replicas: 3 } } });
    expect(status).toBe(200);
    await server.call('PATCH', path, { body: { spec: { replicas: 4 } }, type: 'application/merge-patch+json' });
    const { body: scaled } = await server.call('GET', deploymentPath(namespace, 'web'));
    expect(scaled).toMatchObject({ spec: { replicas: 4 }, metadata: { generation: 3 } });
  });
});

describeOnBoth('patches', {}, (server) => {
  it('merges, strategically too, and follows a JSON patch', async () => {
    const namespace = await server.namespace();
    const path = deploymentPath(namespace, 'web');
    await server.call('POST', deploymentPath(namespace), { body: deployment(namespace, 'web') });
    const strategic = { type: 'application/strategic-merge-patch+json' };
    const pod = (spec: object) => ({ spec: { template: { spec } } });
    const patch = async (body: unknown, type: object) => (await server.call('PATCH', path, { body, ...type })).body;
    const side = await patch(
      pod({ containers: [{ name: 'side', image: 'b:1', env: [{ name: 'A', value: '1' }] }] }),
      strategic,
    );
    expect(side.spec.template.spec.containers.map(({ name }: { name: string }) => name).sort()).toEqual([
      'main',
      'side',
    ]);
    const ordered = await patch(
      pod({
        $setElementOrder: undefined,
        '$setElementOrder/containers': [{ name: 'main' }, { name: 'side' }],
        containers: [
          { name: 'side', '$setElementOrder/env': [{ name: 'B' }, { name: 'A' }], env: [{ name: 'B', value: '2' }] },
        ],
      }),
      strategic,
    );
    expect(ordered.spec.template.spec.containers.map(({ name }: { name: string }) => name)).toEqual(['main', 'side']);
    expect(ordered.spec.template.spec.containers[1].env.map(({ name }: { name: string }) => name)).toEqual(['B', 'A']);
    const removed = await patch(pod({ containers: [{ $patch: 'delete', name: 'side' }] }), strategic);
    expect(removed.spec.template.spec.containers).toHaveLength(1);
    const recreated = await patch({ spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } }, strategic);
    expect(recreated.spec.strategy).toEqual({ type: 'Recreate' });
    const json = { type: 'application/json-patch+json' };
    const operations = [
      { op: 'test', path: '/spec/replicas', value: 1 },
      { op: 'replace', path: '/spec/replicas', value: 2 },
      { op: 'add', path: '/metadata/labels', value: { 'a/b': '1' } },
      { op: 'copy', from: '/metadata/labels/a~1b', path: '/metadata/labels/c' },
      { op: 'remove', path: '/metadata/labels/a~1b' },
    ];
    expect(await patch(operations, json)).toMatchObject({ spec: { replicas: 2 }, metadata: { labels: { c: '1' } } });
    const failed = await server.call('PATCH', path, {
      body: [{ op: 'test', path: '/spec/replicas', value: 9 }],
      ...json,
    });
    expect(failed).toMatchObject({ status: 422, body: { reason: 'Invalid' } });
    const merged = await patch({ metadata: { labels: { c: null } } }, { type: 'application/merge-patch+json' });
    expect(merged.metadata.labels ?? {}).toEqual({});
    expect((await server.call('PATCH', path, { body: {}, type: 'application/nonsense' })).status).toBe(415);
  });

  it('are refused where they would change what is no longer so', async () => {
    const namespace = await server.namespace();
    await server.call('POST', mapPath(namespace), { body: configMap(namespace, 'a') });
    const body = { metadata: { resourceVersion: '1' }, data: { a: '2' } };
    const stale = await server.call('PATCH', mapPath(namespace, 'a'), { body, type: 'application/merge-patch+json' });
    expect(stale).toMatchObject({ status: 409, body: { reason: 'Conflict' } });
  });
});

describeOnBoth('validation', {}, (server) => {
  const causesOf = async (path: string, body: unknown, method = 'POST', type = 'application/json') => {
    const answer = await server.call(method, path, { body, type });
    expect(answer).toMatchObject({
      status: 422,
      body: { kind: 'Status', status: 'Failure', reason: 'Invalid', code: 422 },
    });
    return answer.body.details.causes.map(
      ({ reason, field }: { reason: string; field: string }) => `${reason} ${field}`,
    );
  };

  it('names every field that is wrong, as causes', async () => {
    const namespace = await server.namespace();
    const path = deploymentPath(namespace);
    const { body } = await server.call('POST', path, { body: deployment(namespace, 'web', { replicas: -1 }) });
    expect(body).toMatchObject({
      message: 'Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      details: {
        name: 'web',
        group: 'apps',
        kind: 'Deployment',
        causes: [
          {
            reason: 'FieldValueInvalid',
            message: 'Invalid value: -1: must be greater than or equal to 0',
            field: 'spec.replicas',
          },
        ],
      },
    });
    const template = (spec: object, labels: object = { app: 'web' }) => ({ template: { metadata: { labels }, spec } });
    const good = { name: 'main', image: 'a:1' };
    expect(await causesOf(path, deployment(namespace, 'web', template({ containers: [] })))).toEqual([
      'FieldValueRequired spec.template.spec.containers',
    ]);
    expect(await causesOf(path, deployment(namespace, 'web', template({ containers: [{ name: 'main' }] })))).toEqual([
      'FieldValueRequired spec.template.spec.containers[0].image',
    ]);
    expect(await causesOf(path, deployment(namespace, 'web', template({ containers: [good, good] })))).toEqual([
      'FieldValueDuplicate spec.template.spec.containers[1].name',
    ]);
    const ports = [{ containerPort: 70_000 }];
    expect(await causesOf(path, deployment(namespace, 'web', template({ containers: [{ ...good, ports }] })))).toEqual([
      'FieldValueInvalid spec.template.spec.containers[0].ports[0].containerPort',
    ]);
    expect(
      await causesOf(path, deployment(namespace, 'web', template({ containers: [good] }, { app: 'other' }))),
    ).toEqual(['FieldValueInvalid spec.template.metadata.labels']);
    expect(await causesOf(path, deployment(namespace, 'Bad_Name'))).toContain('FieldValueInvalid metadata.name');
  });

  it('holds labels, names and keys to their form', async () => {
    const namespace = await server.namespace();
    const path = mapPath(namespace);
    expect(await causesOf(path, configMap(namespace, 'a', {}, { labels: { a: 'not good!' } }))).toEqual([
      'FieldValueInvalid metadata.labels',
    ]);
    expect(await causesOf(path, configMap(namespace, 'a', {}, { labels: { 'not good!': 'a' } }))).toEqual([
      'FieldValueInvalid metadata.labels',
    ]);
    expect(await causesOf(path, configMap(namespace, 'a', { 'no/key': '1' }))).toEqual([
      'FieldValueInvalid data[no/key]',
    ]);
    expect(
      await causesOf('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a.b' } }),
    ).toEqual(['FieldValueInvalid metadata.name']);
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { ports: [{ port: 0 }] } };
    expect(await causesOf(`/api/v1/namespaces/${namespace}/services`, service)).toContain(
      'FieldValueInvalid spec.ports[0].port',
    );
  });

  it('takes no more than so much', async () => {
    const namespace = await server.namespace();
    const large = configMap(namespace, 'a', { a: 'x'.repeat(1_100_000) });
    const { status, body } = await server.call('POST', mapPath(namespace), { body: large });
    expect([status, body.reason, body.details.causes[0].reason]).toEqual([422, 'Invalid', 'FieldValueTooLong']);
    expect(body.message).toContain('Too long: must have at most 1048576');
    const larger = configMap(namespace, 'a', { a: 'x'.repeat(4_000_000) });
    expect((await server.call('POST', mapPath(namespace), { body: larger })).status).toBe(413);
  });

  it('lets nobody change what is immutable', async () => {
    const namespace = await server.namespace();
    await server.call('POST', deploymentPath(namespace), { body: deployment(namespace, 'web') });
    const merge = 'application/merge-patch+json';
    const labels = { other: 'x' };
    const selector = { spec: { selector: { matchLabels: labels }, template: { metadata: { labels } } } };
    const answer = await server.call('PATCH', deploymentPath(namespace, 'web'), { body: selector, type: merge });
    expect(answer).toMatchObject({
      status: 422,
      body: {
        details: {
          causes: [
            {
              reason: 'FieldValueInvalid',
              field: 'spec.selector',
              message: expect.stringMatching(
                /^Invalid value: v1\.LabelSelector\{MatchLabels:map\[string\]string\{"app":"web", "other":"x"\}.*\}: field is immutable$/,
              ),
            },
          ],
        },
      },
    });
    const role = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'b' },
      roleRef: { kind: 'Role', name: 'a', apiGroup: 'rbac.authorization.k8s.io' },
    };
    const bindings = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`;
    await server.call('POST', bindings, { body: role });
    expect(await causesOf(`${bindings}/b`, { roleRef: { name: 'other' } }, 'PATCH', merge)).toEqual([
      'FieldValueInvalid roleRef',
    ]);
  });

  it('takes no object into another place than its path', async () => {
    const namespace = await server.namespace();
    expect(await server.call('POST', mapPath(namespace), { body: configMap('other', 'a') })).toMatchObject({
      status: 400,
      body: { reason: 'BadRequest' },
    });
    expect(await server.call('POST', mapPath(namespace), { body: deployment(namespace, 'a') })).toMatchObject({
      status: 400,
      body: { reason: 'BadRequest' },
    });
    expect(await server.call('POST', mapPath('nowhere'), { body: configMap('nowhere', 'a') })).toMatchObject({
      status: 404,
      body: { message: 'namespaces "nowhere" not found' },
    });
    const text = await server.call('POST', mapPath(namespace), { body: configMap(namespace, 'a', { a: 1 }) });
    expect(text).toMatchObject({
      status: 400,
      body: { reason: 'BadRequest', message: expect.stringContaining('cannot') },
    });
  });
});
