import { Agent, request } from 'undici';
import { collectionPath, objectPath } from '../../agent/kube/paths.ts';
import type { Resource } from '../../agent/kube/port.ts';
import { groupOf, type KubeObject, type ObjectRef } from '../../core/object.ts';
import type { Ground } from '../contract/engine-harness.ts';
import { type ClusterOptions, type KubeCluster, startKubeCluster } from './harness/cluster.ts';
import { kubeFor } from './harness/kube.ts';

interface OpenGround {
  readonly ground: Ground;
  readonly cluster: KubeCluster;
  close(): Promise<void>;
}

/** A real API server as the ground of an engine, and its administrator as the hands of others. */
export async function openGround(name: string, options: Omit<ClusterOptions, 'name'> = {}): Promise<OpenGround> {
  const cluster = await startKubeCluster({ ...options, name });
  const kube = await kubeFor(cluster);
  const { keys } = cluster;
  const tls = new Agent({ connect: { ca: keys.ca, cert: keys.admin.certificate, key: keys.admin.key } });
  const resourceOf = async (group: string, kind: string): Promise<Resource> => {
    const resource = await kube.resourceOf(group, kind);
    if (resource === null) throw new Error(`${kind} is not served`);
    return resource;
  };
  const ground: Ground = {
    kube,
    edit: async (ref, manager, change) => {
      const resource = await resourceOf(ref.group, ref.kind);
      for (let tries = 0; ; tries++) {
        const object = await kube.get(resource, ref);
        if (object === null) throw new Error(`${ref.kind} ${ref.name} does not exist`);
        change(object);
        try {
          await put(cluster, tls, resource, ref, manager, object, 'PUT');
          return;
        } catch (error) {
          if (tries > 5) throw error; // Somebody was quicker.
        }
      }
    },
    put: async (object, manager) => {
      const resource = await resourceOf(groupOf(object.apiVersion), object.kind);
      const namespace = resource.namespaced ? (object.metadata.namespace ?? 'default') : '';
      await put(cluster, tls, resource, { namespace, name: object.metadata.name }, manager, object, 'POST');
    },
    setStatus: async (ref, status) => {
      const resource = await resourceOf(ref.group, ref.kind);
      const object = await kube.get(resource, ref);
      if (object === null) throw new Error(`${ref.kind} ${ref.name} does not exist`);
      const whole = { ...object, status: status(object) };
      const name = { namespace: ref.namespace, name: `${ref.name}/status` };
      await put(cluster, tls, resource, name, 'controller', whole, 'PUT');
    },
    remove: async (ref) => {
      await kube.delete(await resourceOf(ref.group, ref.kind), ref);
    },
  };
  return {
    ground,
    cluster,
    close: async () => {
      await kube.close();
      await tls.close();
      await cluster.stop();
    },
  };
}

async function put(
  { url }: KubeCluster,
  dispatcher: Agent,
  resource: Resource,
  name: Pick<ObjectRef, 'namespace' | 'name'>,
  manager: string,
  object: KubeObject,
  method: 'PUT' | 'POST',
): Promise<void> {
  const path =
    method === 'PUT'
      ? objectPath(resource, name).replace('%2Fstatus', '/status')
      : collectionPath(resource, name.namespace);
  const answer = await request(`${url}${path}?fieldManager=${manager}`, {
    dispatcher,
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(object),
  });
  const text = await answer.body.text();
  if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
}
