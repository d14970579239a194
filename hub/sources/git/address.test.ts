import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAddress, repositoryIdentity, withoutSecrets } from './address.ts';

describe('readAddress', () => {
  it('tells how a repository is reached', () => {
    expect(readAddress('https://git.example/a/b.git').address).toEqual({
      transport: 'http',
      url: 'https://git.example/a/b.git',
    });
    expect(readAddress('git@git.example:a/b.git').address).toMatchObject({ transport: 'ssh', host: 'git.example' });
    expect(readAddress('ssh://git@git.example:2222/a/b').address).toMatchObject({ transport: 'ssh' });
    expect(readAddress('/srv/fleet').address).toEqual({ transport: 'path', path: '/srv/fleet' });
    expect(readAddress('file:///srv/my%20fleet').address).toEqual({ transport: 'path', path: '/srv/my fleet' });
  });

  it('takes name and password out of the URL', () => {
    const { address, credentials } = readAddress('https://me:p%40ss@git.example/a/');
    expect(address).toEqual({ transport: 'http', url: 'https://git.example/a' });
    expect(credentials).toEqual({ type: 'basic', username: 'me', password: 'p@ss' });
  });

  it('allows plain http to this machine alone, unless told otherwise', () => {
    expect(readAddress('http://127.0.0.1:8080/a').address.transport).toBe('http');
    expect(readAddress('http://localhost/a').address.transport).toBe('http');
    expect(() => readAddress('http://git.example/a')).toThrow(/plain http/);
    expect(() => readAddress('http://127.0.0.1.evil.example/a')).toThrow(/plain http/);
    expect(readAddress('http://git.example/a', true).address.transport).toBe('http');
  });

  it.each([
    '',
    '-oProxyCommand=x',
    '--upload-pack=x',
    'ssh://-oProxyCommand=x/a',
    'ssh://-x@host/a',
    'ssh://u:p@host/a',
    'u@-host:a',
    'u@host:-a',
    'ext::sh -c x',
    'git://host/a',
    'ftp://host/a',
    'file://host/a',
    'https://host/a\nb',
    'file:///a%2Fb',
    'file:///a%00b',
    'https://us%ZZer:word@host/a',
    'https://[::1',
  ])('refuses %j', (url) => {
    // Without a scheme it can only be a path, and a path never begins with a hyphen.
    const read = () => readAddress(url).address;
    if (/^(u@|ext)/.test(url)) expect(read()).toMatchObject({ transport: 'path', path: expect.stringMatching(/^\//) });
    else expect(read).toThrow(expect.objectContaining({ code: 'source-url-invalid', field: 'spec.url' }));
  });

  it('[A11] never repeats a password', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('https', 'http', 'ftp', 'ssh'),
        fc.stringMatching(/^[a-z0-9]{8,20}$/),
        (scheme, word) => {
          expect(withoutSecrets(`${scheme}://user:pw-${word}@git.example/a`)).not.toContain(`pw-${word}`);
          try {
            expect(JSON.stringify(readAddress(`${scheme}://user:pw-${word}@git.example/a`).address)).not.toContain(
              word,
            );
          } catch (thrown) {
            expect(String(thrown)).not.toContain(`pw-${word}`);
          }
        },
      ),
    );
  });
});

it.each(['https://me:p/w0rd@host/a', 'https://me:p@w0rd@', 'ftp://me:p?w0rd@host/'])(
  '[A11] repeats no part of a password in what is said of %j',
  (url) => {
    expect(() => readAddress(url)).toThrow(expect.objectContaining({ message: expect.not.stringContaining('w0rd') }));
  },
);

describe('repositoryIdentity', () => {
  it('[L7] takes a moment for a URL of a million slashes, which anybody may send', () => {
    const started = performance.now();
    expect(repositoryIdentity(`https://git.example/${'/'.repeat(1_000_000)}x`)).toMatch(/x$/);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('is one for all URLs of a repository', () => {
    const identities = [
      'https://Git.Example/Team/shop.git',
      'https://git.example/Team/shop',
      'https://user:word@git.example/Team/shop.git/',
      'git@git.example:Team/shop.git',
      'ssh://git@git.example/Team/shop.git',
      'ssh://git@git.example:2222/Team/shop',
    ].map(repositoryIdentity);
    expect(new Set(identities).size).toBe(1);
  });

  it('tells repositories apart', () => {
    const identities = [
      'https://git.example/team/shop',
      'https://git.example/team/shop2',
      'https://git.example/Team/shop',
      'https://git.example:8443/team/shop',
      'https://other.example/team/shop',
      '/team/shop',
    ].map(repositoryIdentity);
    expect(new Set(identities).size).toBe(6);
  });
});
