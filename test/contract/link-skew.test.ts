import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createKey } from '../../agent/link/certificate-request.ts';
import { enrol } from '../../agent/link/enrol.ts';
import { createClient } from '../../agent/link/grpc.ts';
import { encodeBundle } from '../../core/bundle.ts';
import type { Assignment } from '../../core/link/assignment.ts';
import { desiredState } from '../../core/link/desired-state.ts';
import type { AgentMessage, HubMessage } from '../../core/link/messages.ts';
import { protocolVersion } from '../../core/link/protocol.ts';
import { registerCluster } from '../../hub/fleet/clusters.ts';
import { agentCodec, hubCodec } from '../../proto/codec.ts';
import { fromServiceError } from '../../proto/refusal.ts';
import { createMemoryLink, type MemoryLink } from '../memory/link.ts';
import { until } from '../until.ts';
import { type GrpcTransport, openGrpc } from './link/transports.ts';
import { bundleOf, createAgent, createWorld, healthyStatus, type TestAgent, type World } from './link/world.ts';

const never = new AbortController().signal;
const older = protocolVersion - 1;
const newer = protocolVersion + 1;
const tooNew = protocolVersion + 2;
/** A field of protobuf that no version knows: number 999, a varint. */
const unknownField = Buffer.from([0xb8, 0x3e, 0x01]);

describe('an agent of another version', () => {
  let world: World;
  let hub: GrpcTransport;
  let number = 0;
  const closers: (() => void)[] = [];

  beforeAll(async () => {
    world = await createWorld();
    hub = await openGrpc(world);
  });
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });
  afterAll(async () => {
    await hub?.close();
    await world?.stop();
  });

  const address = () => ({ host: '127.0.0.1', port: hub.port() });

  /** Joins, and opens a stream on which the test says what an agent of a version would. */
  async function joined() {
    const cluster = `skew-${++number}`;
    const { token } = await registerCluster(hub.fleet, { name: cluster, actor: 'test' });
    const { authorities, key, certificate } = await enrol(address(), token, '1', never);
    const client = createClient(address(), authorities, { key, certificate });
    const stream = client.link();
    const heard: HubMessage[] = [];
    stream.on('data', (bytes: Buffer) => heard.push(hubCodec.decode(bytes)));
    stream.on('error', () => undefined);
    closers.push(() => client.close());
    /** Every message has a field more than this version knows. */
    const say = (message: AgentMessage) => stream.write(Buffer.concat([agentCodec.encode(message), unknownField]));
    const said = (type: HubMessage['type']) => heard.filter((message) => message.type === type);
    return { cluster, client, say, stream, heard, said };
  }

  const hello = (protocol: number) => {
    const digests = { desired: '', status: '', epoch: 'e', eventsDropped: 0 } as const;
    return { type: 'hello', protocol, agentVersion: '9.9.9', kubernetesVersion: 'v1.30.0', ...digests } as const;
  };

  it.each([
    ['one older', older],
    ['one newer', newer],
  ])('[L6] that is %s is welcomed, told what to run, and heard', async (_, protocol) => {
    const { cluster, say, stream, said } = await joined();
    const bundle = bundleOf('shop', `for ${protocol}`);
    await world.assign('shop', [cluster], bundle);
    say(hello(protocol));
    await until(() => said('desired').length > 0, { what: 'it was told what to run' });
    expect(said('welcome')).toMatchObject([{ protocol: protocolVersion }]);
    stream.write(unknownField); // A message of a kind that only a newer version has.
    const [desired] = said('desired');
    const [assignment] = desired?.type === 'desired' ? desired.assigned : [];
    if (assignment === undefined) throw new Error('nothing is assigned');
    say({ type: 'bundle-request', digest: assignment.bundle });
    await until(() => said('bundle-chunk').length > 0, { what: 'it got the bundle' });
    say({ type: 'status', sequence: 1, applications: [healthyStatus(assignment)], full: false, complete: false });
    await until(() => said('receipt').length > 0, { what: 'its report is stored' });
    expect((await world.placement(cluster, 'shop')).running_bundle).toBe(encodeBundle(bundle).digest);
    expect(said('goodbye')).toEqual([]);
  });

  it('[L6] that is two apart is refused in words that name both', async () => {
    const { cluster, client, say, said } = await joined();
    say(hello(tooNew));
    await until(() => said('goodbye').length > 0, { what: 'it was sent away' });
    const named = new RegExp(
      `version ${tooNew} of the protocol and the hub version ${protocolVersion};.*Upgrade the hub`,
    );
    expect(said('goodbye')).toMatchObject([{ code: 'protocol-unsupported', reason: expect.stringMatching(named) }]);
    const refusal = await new Promise((resolve) => {
      const { request } = createKey();
      const asked = { protocol: tooNew, request, agentVersion: '9' };
      client.renew(asked, { deadline: Date.now() + 10_000 }, (error) => resolve(error && fromServiceError(error)));
    });
    expect(refusal).toMatchObject({ code: 'protocol-unsupported', message: expect.stringMatching(named) });
    const certificates = world.db.selectFrom('certificates').select('serial').where('cluster', '=', cluster);
    expect(await certificates.execute()).toHaveLength(1);
  });
});

describe('a hub of another version', () => {
  let agent: TestAgent;
  let link: MemoryLink;
  let heard: AgentMessage[] = [];
  let protocol = protocolVersion;
  /** What the hub has assigned; a newer one's digest is over more than this version knows. */
  let desired = desiredState([]);

  beforeEach(async () => {
    heard = [];
    agent = await createAgent(() => async () => {
      link = createMemoryLink();
      link.hub.receive({ message: answer, closed: () => undefined });
      return link.agent;
    });
  });
  afterEach(() => agent.remove());

  function answer(message: AgentMessage): void {
    heard.push(message);
    if (message.type === 'hello') {
      link.hub.send({ type: 'welcome', protocol, hubVersion: '9.9.9', eventsStored: 0, checkpointSeconds: 1 });
    }
    const differs = 'desired' in message && message.desired !== desired.digest;
    if (differs) link.hub.send({ type: 'desired', base: '', digest: desired.digest, ...all(), last: true });
  }
  const all = () => ({ assigned: [...desired.assignments.values()], withdrawn: [] });

  const assign = (content: string, digest?: `sha256:${string}`) => {
    const assignment: Assignment = {
      application: 'shop',
      release: 'shop@1',
      bundle: encodeBundle(bundleOf('shop', content)).digest,
      generation: 1,
      environment: 'dev',
      drift: 'correct',
      tenant: null,
      allow: null,
      pruneApproved: false,
      traceparent: null,
    };
    const state = desiredState([assignment]);
    desired = digest === undefined ? state : { ...state, digest };
    const whole = { type: 'desired', base: '', digest: desired.digest, ...all(), last: true } as const;
    link.hub.send(whole);
  };
  const connected = () => until(() => agent.link.connection().state === 'connected', { what: 'it is connected' });

  it('[L6] that is one older is obeyed', async () => {
    protocol = older;
    await connected();
    assign('old');
    await until(() => agent.runs(bundleOf('shop', 'old')), { what: 'it has what the hub says' });
  });

  it('[L6] that is one newer is obeyed, though it names digests over more than this agent knows', async () => {
    protocol = newer;
    await connected();
    assign('new', `sha256:${'1'.repeat(64)}`);
    link.hub.send({ type: 'unknown' });
    await until(() => agent.runs(bundleOf('shop', 'new')), { what: 'it has what the hub says' });
    const before = agent.told();
    await until(() => heard.filter(({ type }) => type === 'checkpoint').length >= 3, { what: 'it has said its state' });
    expect(heard.findLast(({ type }) => type === 'checkpoint')).toMatchObject({ desired: desired.digest });
    expect(agent.told()).toBe(before);
  });

  it('[L6] that is of the same version is not believed with a digest that is wrong', async () => {
    protocol = protocolVersion;
    await connected();
    const told = agent.told();
    assign('wrong', `sha256:${'1'.repeat(64)}`);
    await until(() => heard.some(({ type }) => type === 'checkpoint'), { what: 'it asks again' });
    expect(agent.told()).toBe(told);
    desired = desiredState([]);
  });

  it('[L6] that is two apart is refused by the agent, which goes on with what it was told last', async () => {
    protocol = protocolVersion;
    await connected();
    assign('kept');
    const kept = bundleOf('shop', 'kept');
    await until(() => agent.runs(kept), { what: 'it has something to enforce' });
    protocol = tooNew;
    link.cut();
    const words = new RegExp(`agent speaks version ${protocolVersion} of the protocol and the hub version ${tooNew};`);
    const isRefused = () => {
      const state = agent.link.connection();
      return state.state === 'waiting' && words.test(state.wait.reason);
    };
    await until(isRefused, { what: 'it says both versions' });
    await agent.restart();
    await until(isRefused, { what: 'it says both versions again' });
    expect(agent.runs(kept)).toBe(true);
  });
});
