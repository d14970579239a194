import { parseAllDocuments } from 'yaml';
import { groupOf, type KubeObject } from '../../core/objects/object.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import type { Target } from '../../sandbox/store/context.ts';
import { containersOf } from '../contract/engine-harness.ts';
import { type FairwayProcess, type HubProcess, startAgent } from './processes.ts';

/** A cluster whose agent stands in it: its Deployment says which process runs, as a kubelet would see to. */
export interface AgentHost {
  /** What the Deployment asks for now. */
  image(): string | undefined;
  /** The images that were started, in order. */
  readonly started: readonly string[];
  /** Puts an earlier image back, as `kubectl rollout undo` does. */
  undo(image: string): void;
  stop(): Promise<void>;
}

/**
 * Applies a join manifest and plays the kubelet for it: where the image of the agent's Deployment changes, the process
 * is ended and another one started on the same state (`Recreate`).
 * @param broken an image whose name ends so does not start
 */
export async function startAgentHost(options: {
  readonly hub: HubProcess;
  readonly directory: string;
  readonly sandbox: Sandbox;
  readonly name: string;
  readonly manifest: string;
  readonly broken: string;
}): Promise<AgentHost> {
  const { hub, directory, sandbox, name, manifest, broken } = options;
  const { store } = sandbox;
  const objects = parseAllDocuments(manifest).map((document) => document.toJS() as KubeObject);
  for (const object of objects) store.apply(targetOf(object), object, { fieldManager: 'kubectl' });
  const deployment = objects.find(({ kind }) => kind === 'Deployment');
  const secret = objects.find(({ metadata }) => metadata.name === 'fairway-join');
  if (deployment === undefined || secret === undefined) throw new Error('the manifest has no agent');
  const joinToken = Buffer.from((secret.data as { token: string }).token, 'base64').toString();

  function targetOf({ apiVersion, kind, metadata }: KubeObject): Target {
    const served = store.kinds().find((each) => each.kind === kind && each.group === groupOf(apiVersion));
    if (served === undefined) throw new Error(`the sandbox serves no ${kind}`);
    const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
    return { kind: served, version, namespace: metadata.namespace ?? '', name: metadata.name };
  }
  const image = () => containersOf(store.get(targetOf(deployment)))[0]?.image;

  const started: string[] = [];
  let running: { readonly image: string; readonly process: FairwayProcess | null } | null = null;
  const exchange = async () => {
    const wanted = image();
    if (wanted === undefined || wanted === running?.image) return;
    await running?.process?.stop();
    if (wanted.endsWith(broken)) {
      running = { image: wanted, process: null };
      return;
    }
    started.push(wanted);
    const kubeconfig = sandbox.kubeconfigPath ?? '';
    running = { image: wanted, process: startAgent({ hub, directory, name, kubeconfig, joinToken }) };
  };
  let last = exchange();
  const quiet = store.onChange(() => {
    last = last.then(exchange);
  });
  await last;

  return {
    image,
    started,
    undo: (earlier) => {
      const value = { spec: { template: { spec: { containers: [{ name: 'agent', image: earlier }] } } } };
      store.patch(targetOf(deployment), { type: 'strategic', value }, { fieldManager: 'kubectl-rollout' });
    },
    async stop() {
      quiet();
      await last;
      await running?.process?.stop('SIGKILL');
      await sandbox.stop();
    },
  };
}
