import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type HookedSource, isSigned, readWebhook, wokenBy } from './webhook.ts';

const secret = 'a-shared-word';
const bytes = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const hmac = (key: string | Buffer, ...parts: (string | Buffer)[]) =>
  parts.reduce((sum, part) => sum.update(part), createHmac('sha256', key));
const push = {
  ref: 'refs/heads/main',
  repository: { clone_url: 'https://git.example/team/shop.git', ssh_url: 'git@git.example:team/shop.git' },
};
const gitlabPush = { ref: 'refs/heads/main', project: { git_http_url: 'https://git.example/team/shop.git' } };
const source = (more: Partial<HookedSource> = {}): HookedSource => ({
  ...{ name: 'shop', url: 'ssh://git@Git.example:2222/team/shop', branches: ['main'], secret },
  ...more,
});

const hosts: Record<string, { message: unknown; sign: (body: Buffer, key: string) => Record<string, string> }> = {
  GitHub: {
    message: push,
    sign: (body, key) => ({ 'x-hub-signature-256': `sha256=${hmac(key, body).digest('hex')}` }),
  },
  Gitea: { message: push, sign: (body, key) => ({ 'x-gitea-signature': hmac(key, body).digest('hex') }) },
  Forgejo: { message: push, sign: (body, key) => ({ 'x-forgejo-signature': hmac(key, body).digest('hex') }) },
  GitLab: { message: gitlabPush, sign: (_body, key) => ({ 'x-gitlab-token': key }) },
  'GitLab with a signing token': {
    message: gitlabPush,
    sign: (body, key) => ({
      'webhook-id': 'msg_1',
      'webhook-timestamp': '1700000000',
      'webhook-signature': `v1,AAAA v1,${hmac(key, 'msg_1.1700000000.', body).digest('base64')}`,
    }),
  },
};

describe.each(Object.entries(hosts))('a hook of %s', (_host, { message, sign }) => {
  const body = bytes(message);
  const woken = (headers: Record<string, string>, sources = [source()]) =>
    wokenBy(readWebhook(headers, body), body, sources, null);

  it('wakes the source whose URL it names in another form', () => {
    expect(woken(sign(body, secret))).toEqual(['shop']);
  });

  it('is refused with a wrong signature, or none', () => {
    const refused = expect.objectContaining({ code: 'hook-signature' });
    expect(() => woken(sign(body, 'another-word'))).toThrow(refused);
    expect(() => woken({})).toThrow(refused);
  });

  it('needs no signature where the source has no secret', () => {
    expect(woken({}, [source({ secret: null })])).toEqual(['shop']);
  });

  it('wakes nobody for a branch that nobody follows', () => {
    expect(woken(sign(body, secret), [source({ branches: ['release'] })])).toEqual([]);
  });
});

describe('a webhook', () => {
  it('is signed over the bytes that came', () => {
    const body = bytes(push);
    const { signature } = readWebhook(hosts.GitHub?.sign(body, secret) ?? {}, body);
    expect(isSigned(signature, body, secret)).toBe(true);
    expect(isSigned(signature, Buffer.concat([body, bytes(' ')]), secret)).toBe(false);
  });

  it('takes a signing token in the form of the Standard Webhooks', () => {
    const key = Buffer.from('0123456789abcdef');
    const body = bytes(push);
    const signatures = `v1,${hmac(key, 'i.1.', body).digest('base64')}`;
    const signature = { type: 'message', id: 'i', timestamp: '1', signatures } as const;
    expect(isSigned(signature, body, `whsec_${key.toString('base64')}`)).toBe(true);
  });

  it('can be a form, as GitHub sends it', () => {
    const body = bytes(`payload=${encodeURIComponent(JSON.stringify(push))}`);
    const hook = readWebhook({ 'content-type': 'application/x-www-form-urlencoded' }, body);
    expect(hook.urls).toContain('https://git.example/team/shop.git');
  });

  it('[X4] is refused where it cannot be read', () => {
    for (const body of ['', 'x', '[]', 'null', '3']) {
      expect(() => readWebhook({}, bytes(body))).toThrow(expect.objectContaining({ code: 'hook-malformed' }));
    }
  });

  it('[X4] is refused where no source is meant', () => {
    const hook = readWebhook({}, bytes(push));
    const unknown = expect.objectContaining({ code: 'hook-unknown-repository' });
    expect(() => wokenBy(hook, bytes(push), [source({ url: 'https://git.example/team/cart' })], null)).toThrow(unknown);
    expect(() => wokenBy(hook, bytes(push), [source()], 'cart')).toThrow(unknown);
    expect(() => wokenBy(readWebhook({}, bytes({})), bytes({}), [source()], null)).toThrow(unknown);
  });

  it('can name the source itself', () => {
    const body = bytes({});
    expect(wokenBy(readWebhook({ 'x-gitlab-token': secret }, body), body, [source()], 'shop')).toEqual(['shop']);
  });

  it('wakes those of several sources whose secret it knows', () => {
    const body = bytes(push);
    const sources = [source(), source({ name: 'open', secret: null }), source({ name: 'other', secret: 'x' })];
    expect(wokenBy(readWebhook(hosts.GitHub?.sign(body, secret) ?? {}, body), body, sources, null)).toEqual([
      'shop',
      'open',
    ]);
  });
});
