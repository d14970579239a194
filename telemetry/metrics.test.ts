import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createMetrics } from './metrics.ts';

const silent = pino({ level: 'silent' });

describe('metrics', () => {
  it('are told as they are named, with nothing of the library’s own', async () => {
    const { meter, scrape } = createMetrics({ 'service.name': 'x' }, '1', silent);
    meter.createCounter('fairway_hub_things_total', { description: 'Things' }).add(2, { kind: 'a' });
    expect(await scrape()).toBe(
      '# HELP fairway_hub_things_total Things\n# TYPE fairway_hub_things_total counter\nfairway_hub_things_total{kind="a"} 2\n\n',
    );
  });

  it('are told though one of them cannot be measured, and that is logged', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
    const { meter, scrape } = createMetrics({}, '1', log);
    meter.createObservableGauge('fairway_hub_broken', { description: 'Broken' }).addCallback(async () => {
      throw new Error('the database is away');
    });
    meter.createCounter('fairway_hub_things_total', { description: 'Things' }).add(1);
    expect(await scrape()).toContain('fairway_hub_things_total 1');
    expect(lines.join()).toContain('the database is away');
  });

  it('are measured once for all who ask at once', async () => {
    const { meter, scrape } = createMetrics({}, '1', silent);
    let asked = 0;
    meter.createObservableGauge('fairway_hub_things', { description: 'Things' }).addCallback(async (result) => {
      result.observe(++asked);
    });
    const answers = await Promise.all([scrape(), scrape(), scrape()]);
    expect(new Set(answers).size).toBe(1);
    expect(asked).toBe(1);
  });
});
