import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Mirror } from '../../../hub/sources/mirror.ts';
import { openScene, type Scene, settings, web } from '../plans/scene.ts';
import { call, run, startTestCli, type TestCli } from './harness.ts';

let cli: TestCli;
let scene: Scene;

beforeAll(async () => {
  let mirrorOf: (source: string) => Promise<Mirror> = () => Promise.reject(new Error('not yet'));
  cli = await startTestCli({ mirrorOf: (source) => mirrorOf(source) });
  scene = await openScene(cli.api.database.db);
  mirrorOf = scene.context.mirrorOf;
});
beforeEach(() => scene.reset());
afterAll(async () => {
  await scene?.close();
  await cli?.stop();
});

const fairway = (...args: readonly string[]) => call(args, cli.environment);
const notes = (line: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: notes}\ndata:\n  app.conf: |\n    host = shop\n    port = ${line}\n    log = info\n`;
const claim = 'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\n';

describe('fairway plan', () => {
  it('[P2] shows each change once, with its clusters, and the sum', async () => {
    const first = await scene.release({
      'a.yaml': settings('info'),
      'b.yaml': web('w:1'),
      'c.yaml': claim,
      'n.yaml': notes('80'),
    });
    const second = await scene.release({
      ...{ 'a.yaml': settings('info'), 'b.yaml': web('w:2'), 'n.yaml': notes('81') },
      'd.yaml': settings('x', 'extra'),
    });
    await scene.settle('prod', first);
    const { code, stdout, stderr } = await fairway('plan', 'shop', '--env', 'prod');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.replace(/sha256:[0-9a-f]{64}/, 'DIGEST')).toBe(
      [
        `${second} instead of ${first} in prod`,
        '',
        '~ Deployment shop/web  on all 3 clusters',
        '    spec.template.spec.containers[name="web"].image  "w:1" → "w:2"',
        '',
        '+ ConfigMap shop/extra  on eu-1, eu-2',
        '',
        '~ ConfigMap shop/notes  on all 3 clusters',
        '    data[app.conf]',
        '      @@ -1,3 +1,3 @@',
        '       host = shop',
        '      -port = 80',
        '      +port = 81',
        '       log = info',
        '',
        '= PersistentVolumeClaim shop/data  stays: it holds data  on all 3 clusters',
        '+ ConfigMap shop/extra  on us-1',
        '',
        '2 created, 2 changed, 1 left behind; on 3 of 3 clusters.',
        'plan DIGEST',
        '',
      ].join('\n'),
    );
  });

  it('shows a commit before it is merged, and one with mistakes', async () => {
    await scene.settle('prod', await scene.release({ 'b.yaml': web('w:1') }));
    const good = await fairway('plan', '--commit', await scene.commit({ 'b.yaml': web('w:2') }));
    expect([good.code, good.stdout]).toEqual([0, expect.stringContaining('The commit is no release yet.')]);
    const bad = await fairway('plan', `shop@${await scene.commit({ 'b.yaml': web('${{ nope }}') })}`);
    expect([bad.code, bad.stdout]).toEqual([1, expect.stringMatching(/^apps\/shop\/b\.yaml:4: error: /)]);
  });

  it('prints whole JSON and YAML', async () => {
    await scene.settle('prod', await scene.release({ 'b.yaml': web('w:1') }));
    expect(JSON.parse((await fairway('plan', 'shop', '-o', 'json')).stdout)).toMatchObject({
      plans: [{ changes: [] }],
    });
    expect(parse((await fairway('plan', 'shop', '-o', 'yaml')).stdout)).toHaveProperty('plans');
    expect((await fairway('plan', 'shop')).stdout).toMatch(/as it is settled there\n\nNothing changes on 3 clusters\./);
  });

  it('colours what comes and goes where people look', async () => {
    await scene.settle('prod', await scene.release({ 'b.yaml': web('w:1') }));
    await scene.release({ 'b.yaml': web('w:2') });
    const { stdout } = await run(['plan', 'shop'], { ...cli.environment, FORCE_COLOR: '1' });
    expect(stdout).toContain('\u001b[31m"w:1"\u001b[39m → \u001b[32m"w:2"\u001b[39m');
  });

  it.each([
    [['plan'], 2, 'say what to plan'],
    [['plan', 'shop', '--commit', 'a'.repeat(40)], 2, 'say what to plan'],
    [['plan', 'nope'], 4, 'There is no application "nope".'],
    [['plan', 'shop@main'], 2, 'revision is not valid'],
  ])('[X4] fairway %s ends with %i', async (args, code, message) => {
    const ran = await fairway(...args);
    expect([ran.code, ran.stderr]).toEqual([code, expect.stringContaining(message)]);
  });
});
