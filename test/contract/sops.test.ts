import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromPointer, valueAt } from '../../core/fields/pointer.ts';
import { openDataKey, parseIdentities } from '../../core/sops/data-key.ts';
import { readSopsFile } from '../../core/sops/file.ts';
import { openSopsFile } from '../../core/sops/open.ts';

/** Made by sops 3.9.4 and age-keygen 1.2.1; beside each, what `sops decrypt --output-type json` says of it. */
const fixture = (name: string) => readFileSync(fileURLToPath(new URL(`./sops/${name}`, import.meta.url)), 'utf8');
const one = parseIdentities(fixture('one.agekey'), 'one.agekey');
const two = parseIdentities(fixture('two.agekey'), 'two.agekey');

const read = (object: unknown, pointer: string) => valueAt(object, fromPointer(pointer));

async function open(text: string, identities = one) {
  const file = readSopsFile(text);
  return openSopsFile(file, await openDataKey(file, identities));
}

describe('a file that sops encrypted', () => {
  it.each([
    ['secret', 'encrypted_regex'],
    ['two-recipients', 'two recipients'],
    ['widget', 'numbers, booleans, lists'],
    ['whole', 'every value'],
    ['suffix', 'encrypted_suffix'],
    ['unencrypted-suffix', 'unencrypted_suffix'],
    ['unencrypted-regex', 'unencrypted_regex, and signed values in clear'],
    ['mac-only', 'mac_only_encrypted'],
    ['comment', 'encrypted_comment_regex'],
  ])('[A13] opens as sops itself opens it: %s (%s)', async (name) => {
    const { object } = await open(fixture(`${name}.sops.yaml`));
    expect(object).toEqual(JSON.parse(fixture(`${name}.json`)));
  });

  it('[A13] may be JSON, and for another of its recipients', async () => {
    expect((await open(fixture('json.sops'))).object).toEqual(JSON.parse(fixture('json.json')));
    expect((await open(fixture('two-recipients.sops.yaml'), two)).object).toEqual(JSON.parse(fixture('secret.json')));
  });

  it('[A11] names the fields that came encrypted, in lists too', async () => {
    const { object, sealed } = await open(fixture('unencrypted-regex.sops.yaml'));
    expect(sealed).toEqual(['/spec/list/0/token', '/spec/list/1/token', '/spec/nested/deep/secret_token']);
    expect(sealed.map((pointer) => read(object, pointer))).toEqual(['alpha', 'beta', 's1']);
  });

  it('[A13] opens with no key but its own, and says for whom it is', async () => {
    await expect(open(fixture('secret.sops.yaml'), two)).rejects.toMatchObject({
      code: 'sops-key-wrong',
      message: expect.stringMatching(/encrypted for age1ucsp5e8.*; this agent has age1/),
      remedy: expect.stringContaining('sops rotate'),
    });
    expect((await open(fixture('secret.sops.yaml'), [...two, ...one])).sealed).not.toEqual([]);
  });

  it('[A13] is refused where the key is split, or not of age', () => {
    expect(() => readSopsFile(fixture('groups.sops.yaml'))).toThrow(
      expect.objectContaining({ code: 'sops-key-groups' }),
    );
    const withoutAge = fixture('secret.sops.yaml').replace(/ {4}age:\n(?: {8}.*\n)+/, '    age: []\n');
    expect(() => readSopsFile(withoutAge)).toThrow(expect.objectContaining({ code: 'sops-not-age' }));
    for (const text of ['', 'a: 1', 'sops: {}', 'sops: {mac: x}', '[1]', 'a: [', 'a: 1\n---\nb: 2'])
      expect(() => readSopsFile(text)).toThrow(expect.objectContaining({ code: 'sops-file-invalid' }));
  });

  it('[A13] [X4] shows every change by hand: a value in clear, one moved, one taken away, one added', async () => {
    const text = fixture('secret.sops.yaml');
    const password = / {4}password: ENC.*\n/.exec(text)?.[0] ?? '';
    const changes: readonly (readonly [string, string])[] = [
      [text.replace(password, '    password: hunter2\n'), 'sops-mac-mismatch'],
      [text.replace(password, ''), 'sops-mac-mismatch'],
      [text.replace('type: Opaque', 'type: kubernetes.io/tls'), 'sops-mac-mismatch'],
      [text.replace('empty: ""', 'empty: "x"'), 'sops-mac-mismatch'],
      [text.replace('name: database', 'name: other'), 'sops-mac-mismatch'],
      [text.replace('password: ENC', 'pass: ENC'), 'sops-value-corrupt'],
      [text.replace(/lastmodified: ".*"/, 'lastmodified: "2020-01-01T00:00:00Z"'), 'sops-value-corrupt'],
    ];
    for (const [changed, code] of changes) {
      expect(changed).not.toBe(text);
      await expect(open(changed)).rejects.toMatchObject({ code });
    }
    // What is not signed may be changed, and is: that is what mac_only_encrypted is for.
    const only = fixture('mac-only.sops.yaml');
    expect((await open(only.replace('type: Opaque', 'type: a/b'))).object.type).toBe('a/b');
    await expect(open(only.replace(/password: ENC.*\n/, 'password: hunter2\n'))).rejects.toMatchObject({
      code: 'sops-mac-mismatch',
    });
  });

  it('[A11] whatever byte of it is changed: what opens is what was signed, and no error quotes a value', async () => {
    const text = fixture('secret.sops.yaml');
    const wanted = JSON.parse(fixture('secret.json'));
    const key = await openDataKey(readSopsFile(text), one);
    const body = text.indexOf('stringData:');
    const end = text.indexOf('sops:');
    fc.assert(
      fc.property(fc.integer({ min: body, max: end - 1 }), fc.constantFrom(...'aZ0=/+ :"x'), (at, character) => {
        const changed = text.slice(0, at) + character + text.slice(at + 1);
        try {
          const { object, sealed } = openSopsFile(readSopsFile(changed), key);
          for (const pointer of sealed) expect(read(object, pointer)).toBe(read(wanted, pointer));
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^sops-/) });
          expect((error as Error).message).not.toMatch(/correct horse|p%40ss|Zeile/);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('age keys', () => {
  it('[X4] [A11] are told from what is none, without a word of it', () => {
    expect(parseIdentities(`# a comment\n\n ${one[0]} \n`, 'x')).toEqual(one);
    for (const text of ['', '# nothing', `${one[0]}\nhunter2`, 'hunter2'])
      expect(() => parseIdentities(text, 'Secret a/b')).toThrow(
        expect.objectContaining({
          code: 'sops-key-invalid',
          message: expect.not.stringContaining('hunter2'),
        }),
      );
  });

  it('[A11] that are damaged are not quoted', async () => {
    const damaged = `${one[0]?.slice(0, -4)}QQQQ`;
    const failure = open(fixture('secret.sops.yaml'), [damaged]);
    await expect(failure).rejects.toMatchObject({ code: 'sops-key-invalid' });
    await expect(failure).rejects.not.toThrow(damaged);
  });
});
