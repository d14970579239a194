import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../core/objects/object.ts';
import { loadHealthRules } from './health-rules.ts';
import { createWithin } from './within.ts';

const widget = (spec: unknown): KubeObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name: 'a', namespace: 'shop' },
  spec,
});
const ref = { group: 'example.com', kind: 'Widget', namespace: 'shop', name: 'a' };
const judge = async (healthy: string, spec: unknown) =>
  (await loadHealthRules([{ kind: 'Widget', healthy }]))(ref)?.judge(widget(spec), 0);

describe('health expressions in the agent', () => {
  it('[H1] are evaluated', async () => {
    expect((await judge('object.spec.size > 2', { size: 3 }))?.health).toBe('healthy');
    expect((await loadHealthRules([]))(ref)).toBeNull();
  });

  it.each([
    ['a regular expression that backtracks', "object.spec.text.matches('^(a+)+$')", { text: `${'a'.repeat(60)}!` }],
    [
      'loops within loops',
      'object.spec.items.all(a, object.spec.items.all(b, object.spec.items.all(c, a + b + c >= 0)))',
      { items: Array.from({ length: 1_000 }, (_, index) => index) },
    ],
  ])('[A9] cannot hold up the agent: %s', async (_, healthy, spec) => {
    expect(await judge(healthy, spec)).toMatchObject({
      health: 'unknown',
      reason: 'its health expressions take too long',
    });
  });

  it('[A9] an evaluation that is stopped leaves the next ones as they were', () => {
    const within = createWithin(20);
    expect(() =>
      within(() => {
        for (;;);
      }),
    ).toThrow('stopped after 20 ms');
    expect(within(() => 1)).toBe(1);
    expect(() =>
      within(() => {
        throw new Error('its own');
      }),
    ).toThrow('its own');
  });
});
