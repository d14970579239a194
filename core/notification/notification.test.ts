import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { check } from '../kinds/check.ts';
import { NotificationSpec } from '../kinds/notification.ts';
import { hostByName, repositoryOf, statusRequest } from './commit-status.ts';
import { toCloudEvent, toSlack } from './messages.ts';
import type { Notice } from './notice.ts';
import { afterAttempt, attemptLimit } from './retry.ts';
import { signedHeaders } from './signature.ts';
import { wants } from './wants.ts';

const notice: Notice = {
  id: '0d7a0f6e-4a4b-4a3e-9d7e-0a53b1c7a111',
  type: 'rollout.stopped',
  subject: 'rollout/7',
  message: 'shop@3f2c9d0c1b7a is paused in prod: 1 cluster failed',
  at: '2026-11-23T08:00:00.000Z',
  environments: ['prod'],
  application: 'shop',
  cluster: null,
  release: 'shop@3f2c9d0c1b7a',
  facts: { kind: 'release', state: 'paused' },
  origin: { source: 'storefront', commit: '3f2c9d0c1b7a4e5f60718293a4b5c6d7e8f90123' },
};
const specOf = (spec: object): NotificationSpec => {
  const { value, issues } = check(NotificationSpec, spec);
  expect(issues).toEqual([]);
  return value as NotificationSpec;
};
const silent: Notice = {
  ...notice,
  type: 'agent.silent',
  application: null,
  origin: null,
  environments: [],
  facts: {},
};

describe('who is told of what', () => {
  it.each<[string, object, Notice, boolean]>([
    ['what a person may have to act on, where nothing is said', {}, notice, true],
    ['not what goes well', {}, { ...notice, type: 'rollout.settled' }, false],
    ['what is asked for', { events: ['rollout.settled'] }, { ...notice, type: 'rollout.settled' }, true],
    ['and no more', { events: ['rollout.settled'] }, notice, false],
    ['by environment', { environments: ['prod-*', 'staging'] }, notice, false],
    ['by a glob of it', { environments: ['pro*'] }, notice, true],
    ['by application', { applications: ['billing'] }, notice, false],
    ['of clusters, whatever the application', { applications: ['billing'] }, silent, true],
    ['of a cluster on which nothing runs, only who is told of all', { environments: ['prod'] }, silent, false],
    ['statuses of what moves', { format: 'commit-status' }, { ...notice, type: 'rollout.settled' }, true],
    ['no statuses of agents', { format: 'commit-status' }, silent, false],
    ['no statuses of removals', { format: 'commit-status' }, { ...notice, facts: { kind: 'removal' } }, false],
    ['statuses by source', { format: 'commit-status', sources: ['fleet'] }, notice, false],
  ])('%s', (_, spec, told, wanted) => {
    expect(wants(specOf(spec), told)).toBe(wanted);
  });

  it('[X4] a spec that is wrong is refused by its field, and its URL is not repeated', () => {
    const { issues } = check(NotificationSpec, { url: 'ftp://user:secret@host', events: ['rollout.exploded'] });
    expect(issues.map(({ path }) => path.join('.'))).toEqual(['url', 'events.0']);
    expect(JSON.stringify(issues)).not.toContain('secret');
  });
});

describe('what is told', () => {
  it('is a CloudEvent 1.0, with the attributes that it has to have', () => {
    const event = toCloudEvent('/fairway/aa', notice);
    expect(event).toMatchObject({
      specversion: '1.0',
      id: notice.id,
      source: '/fairway/aa',
      type: 'dev.fairway.rollout.stopped',
      subject: 'rollout/7',
      time: notice.at,
      datacontenttype: 'application/json',
    });
    // Names of attributes: lower-case letters and digits alone.
    for (const name of Object.keys(event)) expect(name).toMatch(/^[a-z0-9]+$/);
    expect(event.data).toMatchObject({ environments: ['prod'], state: 'paused', commit: notice.origin?.commit });
  });

  it('is a line for Slack, in which nobody is mentioned or linked to by what a fleet calls its things', () => {
    const { text } = toSlack({ ...notice, message: 'shop is paused: <!channel> & <https://evil.example|here>' });
    expect(text).toContain('&lt;!channel&gt; &amp; &lt;https://evil.example|here&gt;');
  });

  it('is signed as Standard Webhooks are', () => {
    const key = Buffer.from('a key of some length');
    const headers = signedHeaders({ id: 'msg', body: '{"a":1}' }, `whsec_${key.toString('base64')}`, 1_700_000_000_999);
    const wanted = createHmac('sha256', key).update('msg.1700000000.{"a":1}').digest('base64');
    expect(headers).toEqual({
      'webhook-id': 'msg',
      'webhook-timestamp': '1700000000',
      'webhook-signature': `v1,${wanted}`,
    });
    expect(signedHeaders({ id: 'msg', body: '' }, null, 0)).not.toHaveProperty('webhook-signature');
  });
});

describe('statuses of commits', () => {
  const commit = notice.origin?.commit;
  const repository = (url: string) => {
    const found = repositoryOf(url);
    if (found === null) throw new Error(`${url} is on no host`);
    return found;
  };

  it.each([
    ['github', 'https://github.com/acme/shop.git', `https://api.github.com/repos/acme/shop/statuses/${commit}`],
    [
      'github',
      'https://git.acme.example/acme/shop',
      `https://git.acme.example/api/v3/repos/acme/shop/statuses/${commit}`,
    ],
    [
      'gitlab',
      'git@gitlab.com:acme/web/shop.git',
      `https://gitlab.com/api/v4/projects/acme%2Fweb%2Fshop/statuses/${commit}`,
    ],
    [
      'gitea',
      'ssh://git@git.example:2222/acme/shop.git',
      `https://git.example/api/v1/repos/acme/shop/statuses/${commit}`,
    ],
    ['gitea', 'http://127.0.0.1:3000/acme/shop.git', `http://127.0.0.1:3000/api/v1/repos/acme/shop/statuses/${commit}`],
  ] as const)('%s, %s', (host, url, wanted) => {
    expect(statusRequest(host, repository(url), null, notice).url).toBe(wanted);
  });

  it.each([
    ['github', 'context', ['pending', 'pending', 'pending', 'failure', 'error', 'success']],
    ['gitlab', 'name', ['pending', 'running', 'pending', 'failed', 'canceled', 'success']],
    ['gitea', 'context', ['pending', 'pending', 'pending', 'failure', 'error', 'success']],
  ] as const)('%s hears it in its own words', (host, nameField, words) => {
    const told: Notice[] = [
      { ...notice, type: 'promotion.waiting' },
      { ...notice, type: 'rollout.started' },
      { ...notice, type: 'rollout.waiting' },
      notice,
      { ...notice, facts: { state: 'aborted' } },
      { ...notice, type: 'rollout.settled', message: 'x'.repeat(500) },
    ];
    const bodies = told.map((one) => statusRequest(host, repository('https://git.example/a/b'), null, one).body);
    expect(bodies.map(({ state }) => state)).toEqual(words);
    for (const body of bodies) {
      expect(body[nameField]).toBe('fairway/prod/shop');
      expect(body.description?.length).toBeLessThanOrEqual(140);
    }
  });

  it('hosts are known by their names, where those say it', () => {
    const known = ['github.com', 'gitlab.acme.example', 'codeberg.org', 'forgejo.example', 'git.example'].map(
      hostByName,
    );
    expect(known).toEqual(['github', 'gitlab', 'gitea', 'gitea', null]);
    for (const url of ['/srv/git/fleet', 'file:///srv/git/fleet', 'https://git.example/']) {
      expect(repositoryOf(url)).toBeNull();
    }
  });
});

describe('after an attempt', () => {
  const failed = { type: 'failed', reason: 'the receiver answered 503', after: null } as const;

  it('that failed, the next one comes later and later, and at last none', () => {
    const pauses = Array.from({ length: attemptLimit }, (_, index) => afterAttempt(failed, index + 1, 0.5));
    const waits = pauses.slice(0, -1).map((after) => (after.state === 'waiting' ? after.pause : Number.NaN));
    expect(waits.slice(0, 4)).toEqual([10_000, 20_000, 40_000, 80_000]);
    expect(Math.max(...waits)).toBe(60 * 60_000);
    expect(pauses.at(-1)).toMatchObject({ state: 'dead', reason: expect.stringContaining('14 attempts') });
  });

  it('the receiver may ask for patience, within bounds', () => {
    expect(afterAttempt({ ...failed, after: 90_000 }, 1, 0.5)).toMatchObject({ pause: 90_000 });
    expect(afterAttempt({ ...failed, after: 90 * 24 * 60 * 60_000 }, 1, 0.5)).toMatchObject({ pause: 60 * 60_000 });
  });

  it('that was refused, there is none', () => {
    expect(afterAttempt({ type: 'refused', reason: 'gone' }, 1, 0)).toEqual({ state: 'dead', reason: 'gone' });
  });
});
