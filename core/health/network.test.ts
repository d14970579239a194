import { describe, expect, it } from 'vitest';
import type { Health } from '../link/status.ts';
import type { KubeObject } from '../objects/object.ts';
import { healthOf } from './health.ts';

const object = (kind: string, spec: unknown, status: unknown): KubeObject => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind,
  metadata: { name: 'a', generation: 2 },
  spec,
  status,
});
const condition = (type: string, status: string, reason = '', observedGeneration = 2) => ({
  ...{ type, status, reason, observedGeneration },
  message: 'because',
});
const gateway = (...conditions: unknown[]) => object('Gateway', {}, { conditions });
const listening = (...conditions: unknown[]) =>
  object(
    'Gateway',
    {},
    {
      conditions: [condition('Accepted', 'True'), condition('Programmed', 'True')],
      listeners: [{ name: 'https', conditions }],
    },
  );
const route = (...parents: unknown[][]) =>
  object(
    'HTTPRoute',
    { parentRefs: [{ name: 'edge' }] },
    { parents: parents.map((conditions) => ({ parentRef: { name: 'edge' }, conditions })) },
  );
const fine = [condition('Accepted', 'True'), condition('ResolvedRefs', 'True')];

const cases: readonly (readonly [what: string, object: KubeObject, health: Health])[] = [
  ['a GatewayClass', object('GatewayClass', {}, { conditions: [condition('Accepted', 'True')] }), 'healthy'],
  ['a GatewayClass that nobody serves', object('GatewayClass', {}, {}), 'progressing'],
  [
    'a GatewayClass with wrong parameters',
    object('GatewayClass', {}, { conditions: [condition('Accepted', 'False', 'InvalidParameters')] }),
    'degraded',
  ],
  ['a Gateway that nobody has seen', gateway(), 'progressing'],
  ['a programmed Gateway', gateway(condition('Accepted', 'True'), condition('Programmed', 'True')), 'healthy'],
  [
    'a Gateway whose data plane is on its way',
    gateway(condition('Accepted', 'True'), condition('Programmed', 'False', 'Pending')),
    'progressing',
  ],
  [
    'a Gateway without addresses to use',
    gateway(condition('Accepted', 'True'), condition('Programmed', 'False', 'AddressNotUsable')),
    'degraded',
  ],
  [
    'a Gateway whose conditions are of an older generation',
    gateway(condition('Accepted', 'True', '', 1), condition('Programmed', 'True', '', 1)),
    'progressing',
  ],
  ['a Gateway with a listener in conflict', listening(condition('Conflicted', 'True')), 'degraded'],
  ['a Gateway with a listener without its certificate', listening(condition('ResolvedRefs', 'False')), 'degraded'],
  ['a Gateway with sound listeners', listening(...fine), 'healthy'],
  ['a route that no gateway has looked at', route(), 'progressing'],
  ['a route that is taken', route(fine), 'healthy'],
  ['a route that its gateway refuses', route([condition('Accepted', 'False', 'NotAllowedByListeners')]), 'degraded'],
  ['a route that waits', route([condition('Accepted', 'False', 'Pending')]), 'progressing'],
  [
    'a route to a backend that does not exist',
    route([condition('Accepted', 'True'), condition('ResolvedRefs', 'False', 'BackendNotFound')]),
    'degraded',
  ],
  ['a route that is taken in part', route([...fine, condition('PartiallyInvalid', 'True')]), 'degraded'],
  [
    'a route that one of two parents refuses',
    route(fine, [condition('Accepted', 'False', 'NoMatchingParent')]),
    'degraded',
  ],
];

describe('health of the Gateway API', () => {
  it.each(cases)('[H1] [H2] of %s', (_, live, health) => {
    const report = healthOf(live, 0);
    expect(report.health).toBe(health);
    expect(report.reason).toMatch(/^\S.*\S$/);
  });

  it('[H2] names the gateway that refuses a route', () => {
    const refused = route([condition('Accepted', 'False', 'NotAllowedByListeners')]);
    expect(healthOf(refused, 0).reason).toBe('gateway edge: not accepted: because');
  });

  it('[H1] waits for every parent that a route names', () => {
    const two = route(fine);
    (two.spec as { parentRefs: unknown[] }).parentRefs.push({ name: 'inner' });
    expect(healthOf(two, 0)).toMatchObject({ health: 'progressing', reason: '1 of 2 parents have looked at it' });
  });
});
