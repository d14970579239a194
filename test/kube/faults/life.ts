import { pino } from 'pino';
import { createKube } from '../../../agent/kube/client.ts';
import type { Kube } from '../../../agent/kube/port.ts';
import { createEngine, type Engine } from '../../../agent/reconcile/engine.ts';
import type { State } from '../../../agent/state/port.ts';
import { openSecretState } from '../../../agent/state/secrets.ts';
import type { Bundle } from '../../../core/bundle.ts';
import type { FastTime } from '../../fast-time.ts';
import { createMemoryState } from '../../memory/state.ts';
import { mortal } from '../../mortal.ts';
import type { FaultyProxy } from './proxy.ts';

/** What outlives an agent: where its state is, and all that it ever said. */
export interface Afterlife {
  readonly proxy: FaultyProxy;
  readonly time: FastTime;
  readonly state: Storage;
  readonly bundles: ReadonlyMap<string, Bundle>;
  /** Every log line, event and status, as text. */
  readonly said: string[];
}

export type Storage =
  | { readonly type: 'disk'; readonly records: Map<string, Uint8Array> }
  | { readonly type: 'secrets'; readonly namespace: string };

/** One run of an agent's process: the real engine and the real client, through the proxy. */
export interface Life {
  readonly engine: Engine;
  /** As by `kill -9`: from now on it reaches neither its state nor its cluster. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** Milliseconds of the wall clock that an answer, or a word of a watch, may take. */
const timeout = 3_000;
const watchSilence = 6_000;

/** Begins a life, as often as it takes: an agent that cannot read its state ends, and is started again. */
export async function startLife(after: Afterlife): Promise<Life> {
  const { proxy, time, bundles, said } = after;
  const log = pino({ level: 'debug' }, { write: (line) => void said.push(line) });
  let dead = false;
  const isDead = () => dead;
  const client = createKube(proxy.credentials, { time, timeout, watchSilence, patience: 10_000 });
  const kube = mortal<Kube>(client, isDead);
  const state = mortal(await openStorage(after.state, kube, time), isDead);
  const engine = createEngine({
    kube,
    state,
    bundles: {
      get: async (digest) => {
        const bundle = bundles.get(digest);
        if (bundle === undefined) throw new Error(`no bundle ${digest}`);
        return bundle;
      },
    },
    reporter: {
      status: (status) => void said.push(JSON.stringify(status)),
      event: (event) => void said.push(JSON.stringify(event)),
    },
    log,
    now: time.now,
    random: time.random,
    timers: time,
    limits: { comparison: 120_000 },
  });
  await again(() => engine.start(), time);
  return {
    engine,
    async kill() {
      dead = true;
      await client.close();
      await engine.stop();
    },
    async stop() {
      await engine.stop();
      await client.close();
    },
  };
}

/** What an agent keeps, for an onlooker: who opens Secrets as his own tidies them up. */
export function lookInto(storage: Storage, kube: Kube, time: FastTime): Promise<State> {
  return openStorage(storage, { ...kube, delete: async () => false }, time);
}

/** Where an agent keeps its state. */
function openStorage(storage: Storage, kube: Kube, time: FastTime): Promise<State> {
  if (storage.type === 'disk') return Promise.resolve(createMemoryState(storage.records));
  return again(() => openSecretState({ kube, namespace: storage.namespace }), time);
}

async function again<T>(work: () => Promise<T>, time: FastTime): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries >= 50) throw error;
      await time.sleep(1_000);
    }
  }
}
