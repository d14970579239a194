import { Agent, request } from 'undici';
import { createKube } from '../../agent/kube/client.ts';
import { collectionPath, objectPath } from '../../agent/kube/paths.ts';
import type { Resource } from '../../agent/kube/port.ts';
import { groupOf, type KubeObject, type ObjectRef } from '../../core/objects/object.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import type { Ground } from '../contract/engine-harness.ts';
import { type ClusterOptions, type KubeCluster, startKubeCluster } from './harness/cluster.ts';
import { tlsOf } from './harness/kubeconfig-tls.ts';

interface OpenGround {
  readonly ground: Ground;
  readonly cluster: KubeCluster;
  close(): Promise<void>;
}

/** A real API server as the ground of an engine, and its administrator as the hands of others. */
export async function openGround(name: string, options: Omit<ClusterOptions, 'name'> = {}): Promise<OpenGround> {
  const cluster = await startKubeCluster({ ...options, name });
  const { ground, close } = await groundOn(cluster.url, cluster.kubeconfig);
  return {
    ground,
    cluster,
    close: async () => {
      await close();
      await cluster.stop();
    },
  };
}

/** A sandbox as such a ground, spoken to over HTTP as well: it serves custom resources. */
export async function openSandboxGround(name: string): Promise<Omit<OpenGround, 'cluster'>> {
  const sandbox = await startSandbox({ name, readyAfter: 100 });
  const { ground, close } = await groundOn(sandbox.url, sandbox.kubeconfig);
  return {
    ground,
    close: async () => {
      await close();
      await sandbox.stop();
    },
  };
}

async function groundOn(url: string, kubeconfig: string): Promise<Omit<OpenGround, 'cluster'>> {
  const admin = tlsOf(kubeconfig);
  const identity = { tls: { options: admin, proxy: null }, headers: {} };
  const kube = createKube({ server: url, namespace: null, identity: async () => identity });
  const tls = new Agent({ connect: admin });
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
          await put(url, tls, resource, ref, manager, object, 'PUT');
          return;
        } catch (error) {
          if (tries > 5) throw error; // Somebody was quicker.
        }
      }
    },
    put: async (object, manager) => {
      const resource = await resourceOf(groupOf(object.apiVersion), object.kind);
      const namespace = resource.namespaced ? (object.metadata.namespace ?? 'default') : '';
      await put(url, tls, resource, { namespace, name: object.metadata.name }, manager, object, 'POST');
    },
    setStatus: async (ref, status) => {
      const resource = await resourceOf(ref.group, ref.kind);
      const object = await kube.get(resource, ref);
      if (object === null) throw new Error(`${ref.kind} ${ref.name} does not exist`);
      const whole = { ...object, status: status(object) };
      const name = { namespace: ref.namespace, name: `${ref.name}/status` };
      await put(url, tls, resource, name, 'controller', whole, 'PUT');
    },
    remove: async (ref) => {
      await kube.delete(await resourceOf(ref.group, ref.kind), ref);
    },
  };
  return {
    ground,
    close: async () => {
      await kube.close();
      await tls.close();
    },
  };
}

async function put(
  url: string,
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
