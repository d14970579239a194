import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { until } from '../../until.ts';
import { older, planDigest, release, seedJourneys } from '../rest/journeys.ts';
import { call, startTestCli, type TestCli } from './harness.ts';

let cli: TestCli;
const children: ChildProcess[] = [];

beforeAll(async () => {
  cli = await startTestCli({ now: () => Date.parse('2030-01-01T09:00:00Z') });
  await seedJourneys(cli.api.database.db);
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await cli.stop();
});

const as = async (role: 'approver' | 'developer' | 'viewer', ...args: string[]) =>
  call(args, { ...cli.environment, FAIRWAY_TOKEN: await cli.api.token(role) });
const fairway = (...args: readonly string[]) => call(args, cli.environment);

const main = resolve(import.meta.dirname, '../../../cli/main.ts');

/** A command that runs on. */
function start(command: string, args: readonly string[]) {
  const child = spawn(command, args, { env: { ...cli.environment, TERM: 'xterm' }, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += chunk));
  return { output: () => text, ended: once(child, 'exit').then(([code]) => code) };
}

describe('tables', () => {
  it.each([
    [
      ['promotion', 'list'],
      /^ID +BRINGS +TO +STATE/,
      /^1 +shop@a{12} +prod +waiting +check load-test has not reported, for/,
    ],
    [['promotion', 'list', '--state', 'aborted'], /^ID/, /^2 +ledger@a{12} +prod +aborted +no longer wanted/],
    [
      ['rollout', 'list', '--active'],
      /^ID +APPLICATION/,
      /^1 +shop +prod +shop@a{12} +running +2\/3 quarter +1\/4 healthy: 1 updating, 1 failed/,
    ],
    [['hold', 'list'], /^ENVIRONMENT/, /^prod +ledger +ledger@a{12} +user:lead@example\.com +rolled back/],
    [['check', 'list', release], /^CHECK +VERDICT/, /^smoke +pass +every environment +token:ci/],
    [['status', 'windows'], /^WINDOW +TYPE/, /^mornings +allow +0 8 \* \* \* +4h +UTC +prod +open +/],
  ])('fairway %s', async (args, heading, row) => {
    const { code, stdout, stderr } = await fairway(...args);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.split('\n')[0]).toMatch(heading);
    expect(
      stdout.split('\n').some((line) => row.test(line)),
      stdout,
    ).toBe(true);
  });

  it('[R5] fairway status says what waits at which gate, and what rolls out', async () => {
    const { stdout } = await fairway('status');
    expect(stdout).toMatch(/^1 +shop@a{12} +prod +check, approval, window +check load-test has not reported/m);
    expect(stdout).toMatch(/^1 +shop@a{12} +prod +running +2\/3 quarter +.* +1 cluster to become healthy: prod-2/m);
    expect(stdout).toMatch(
      /^HELD +IN +BY +WHY\nledger +prod +user:lead@example\.com +rolled back\n +next: fairway hold/m,
    );
  });
});

describe('one of them', () => {
  it('fairway promotion show has gates, approvals, checks and how much changes', async () => {
    const { stdout } = await fairway('promotion', 'show', 'shop');
    expect(stdout).toMatch(/^shop@a{12} → prod {2}waiting for/);
    expect(stdout).toContain('Instead of    shop@bbbbbbbbbbbb');
    expect(stdout).toContain('Changes       1 changed, 1 deleted; on 2 of 2 clusters.');
    expect(stdout).toContain('Approvals     1 of 2 by role:approver');
    expect(stdout).toMatch(/^token:ben +void +.* +the plan changed$/m);
    expect(stdout).toMatch(/^load-test +missing/m);
  });

  it('fairway rollout show has a bar a wave', async () => {
    const { stdout } = await fairway('rollout', 'show', 'shop', '--env', 'prod');
    expect(stdout).toMatch(/^✓ canary +█+ +1\/1 healthy$/m);
    expect(stdout).toMatch(/^▶ quarter +.+ +0\/2 healthy: 1 updating, 1 failed$/m);
    expect(stdout).toMatch(/^ {2}rest +░+ +0\/1 healthy +a person opens it$/m);
    expect(stdout).toContain('Budget     1 of 2 unavailable; failed: 1, it stops at 2');
  });

  it.each([
    ['promotion', 'waits'],
    ['rollout', 'waves'],
  ])('fairway %s show prints whole JSON and YAML', async (what, member) => {
    expect(JSON.parse((await fairway(what, 'show', '1', '-o', 'json')).stdout)).toHaveProperty(member);
    expect(parse((await fairway(what, 'show', '1', '-o', 'yaml')).stdout)).toHaveProperty(member);
  });
});

describe('asking and answering', () => {
  it('fairway promote ends with 3 where it waits at a gate, and says at which', async () => {
    const promoting = fairway('promote', 'ledger', '--to', 'prod', '--reason', 'month end');
    const { db } = cli.api.database;
    const waits = [{ gate: 'approval', name: null, reason: '0 of 2 approvals by approver', since: 0, deadline: null }];
    await until(
      async () => {
        const looked = db.updateTable('promotions').set({ waits: JSON.stringify(waits) });
        const { numUpdatedRows } = await looked.where('id', '=', 3).executeTakeFirst();
        return numUpdatedRows > 0n;
      },
      { what: 'the promotion is there' },
    );
    const { code, stdout, stderr } = await promoting;
    expect([code, stderr]).toEqual([3, '']);
    expect(stdout).toMatch(/^ledger@a{12} → prod {2}waiting for/);
    expect(stdout).toMatch(/^approval +0 of 2 approvals by approver/m);
  });

  it('fairway promote --wait tells each change, and ends with 5 where it is refused', async () => {
    const { output, ended } = start(process.execPath, [main, 'promote', 'ledger', '--to', 'prod', '--wait']);
    await until(() => output().includes('waiting: 0 of 2 approvals'), { what: 'what it waits for', describe: output });
    const rejected = await as('approver', 'reject', 'ledger', '--env', 'prod', '--reason', 'not now');
    expect([rejected.code, rejected.stdout]).toEqual([0, expect.stringMatching(/^Rejected ledger@a{12} → prod\.\n$/)]);
    expect(await ended).toBe(5);
    expect(output()).toMatch(/ledger@a{12} → prod: rejected: not now\n$/);
  });

  it('fairway promote --wait ends with 3 where it is not settled in time', async () => {
    const { code, stdout, stderr } = await cli.fairway(
      ...['promote', 'ledger', '--to', 'prod', '--wait', '--timeout', '1s'],
    );
    expect([code, stdout]).toEqual([3, expect.stringMatching(/ledger@a{12} → prod: waiting\n$/)]);
    expect(stderr).toMatch(/^Not settled in time: it goes on\. See `fairway promotion show \d+`\.$/m);
  });

  it('[P2] fairway approve approves the plan as it is, or the one that is named', async () => {
    const other = await as('approver', 'approve', 'shop', '--plan', `sha256:${'0'.repeat(64)}`);
    expect([other.code, other.stderr]).toEqual([5, expect.stringContaining('plan-changed')]);
    const { code, stdout } = await as('approver', 'approve', 'shop', '--env', 'prod', '--plan', planDigest);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^Approved shop@a{12} → prod: 2 of 2\.\n1 changed, 1 deleted; on 2 of 2 clusters\.\n$/),
    ]);
  });

  it('fairway check reports, and fairway promotion override and abort change it', async () => {
    const checked = await as('developer', 'check', release, 'load-test', 'pass', '--link', 'https://ci.example/8');
    expect([checked.code, checked.stdout]).toEqual([0, `Check load-test of ${release}: pass.\n`]);
    const opened = await fairway('promotion', 'override', 'shop', 'soak', '--reason', 'stops the outage');
    expect(opened.stdout).toMatch(
      /^Opened soak of shop@a{12} → prod\. See how it goes on with `fairway promotion show 1`\.\n$/,
    );
    expect(opened.code).toBe(0);
    expect((await fairway('promotion', 'show', '1')).stdout).toMatch(/^soak +token:\S+ +\S+ +stops the outage$/m);
    expect((await fairway('promotion', 'abort', '1')).stdout).toBe('Promotion 1 has ended.\n');
  });

  it('fairway rollout steers', async () => {
    expect((await fairway('rollout', 'pause', 'shop', '--reason', 'errors')).stdout).toMatch(/^Rollout 1 is paused\./);
    expect((await fairway('rollout', 'retry', '1', '--clusters', 'prod-3')).code).toBe(0);
    expect((await fairway('rollout', 'skip', '1', '--cluster', 'prod-4')).code).toBe(0);
    expect((await as('approver', 'rollout', 'approve', '1', '--wave', 'rest')).code).toBe(0);
    expect(JSON.parse((await fairway('rollout', 'resume', '1', '-o', 'json')).stdout)).toMatchObject({
      state: 'running',
    });
  });
});

describe('[X4] exit codes', () => {
  it.each([
    [['promote', 'nope', '--to', 'prod'], 4, 'application-not-found'],
    [['promote', 'shop', '--to', 'moon'], 4, 'environment-not-found'],
    [['promote', 'shop'], 2, '--to'],
    [['promote', 'shop@aaaaaaaaaaaa', 'ledger', '--to', 'prod'], 2, 'a release is of one application'],
    [['promote', 'shop', '--to', 'prod', '--wait', '--timeout', 'soon'], 2, 'write it as 90s'],
    [['promote', 'shop', '--to', 'prod', '--override', 'soak'], 2, '--override needs --reason'],
    [['promote', older, '--to', 'prod'], 5, 'promotion-settled'],
    [['approve', '99'], 4, 'promotion-not-found'],
    [['approve', 'nope'], 4, 'No promotion of nope is on its way.'],
    [['approve', 'shop', '--env', 'dev'], 4, 'No promotion of shop to dev is on its way.'],
    [['reject', 'shop', '--environment', 'dev', '--reason', 'no'], 4, 'No promotion of shop to dev is on its way.'],
    [['promote', 'shop', '--to', 'prod', '--timeout', '5s'], 2, '--timeout needs --wait or --watch'],
    [['reject', 'shop'], 2, '--reason'],
    [['rollout', 'show', '99'], 4, 'rollout-not-found'],
    [['rollout', 'show', 'nope'], 4, 'There is no rollout of nope.'],
    [['rollout', 'pause', '2'], 5, 'rollout-ended'],
    [['rollout', 'skip', '1'], 2, '--cluster'],
    [['rollback', 'ledger', '--env', 'dev'], 5, 'rollback-nowhere'],
    [['hold', 'lift', 'shop'], 2, '--env'],
    [['check', release, 'smoke', 'fine'], 2, 'Allowed choices are pass, fail, inconclusive'],
  ])('fairway %s ends with %i', async (args, code, message) => {
    const ran = await fairway(...args);
    expect([ran.code, ran.stderr]).toEqual([code, expect.stringContaining(message)]);
  });
});

describe('fairway rollout watch', () => {
  it('tells its steps line by line, and ends with it', async () => {
    const { output, ended } = start(process.execPath, [main, 'rollout', 'watch', '1']);
    await until(() => /\d\d:\d\d:\d\d {2}rollout running\n/.test(output()), {
      what: 'its first steps',
      describe: output,
    });
    const { db } = cli.api.database;
    await db
      .insertInto('rollout_history')
      .values({
        ...{ rollout: 1, generation: 9, event: 'cluster.failed', wave: 1, cluster: 'prod-2' },
        detail: JSON.stringify({ reason: 'it is degraded' }),
      })
      .execute();
    await until(() => output().includes('prod-2 (quarter) failed: it is degraded\n'), {
      what: 'a step',
      describe: output,
    });
    await fairway('rollout', 'abort', '1', '--reason', 'enough');
    expect(await ended).toBe(1);
    expect(output()).toMatch(/rollout aborted/);
    expect(output()).not.toContain('█');
  });

  it('in a terminal draws a bar a wave, in place', async () => {
    const command = `${process.execPath} ${main} rollout watch 1`;
    const { output, ended } = start('script', ['-qefc', command, '/dev/null']);
    expect(await ended).toBe(1);
    expect(output()).toMatch(/canary.*█/);
    expect(output()).toContain('aborted');
  });
});
