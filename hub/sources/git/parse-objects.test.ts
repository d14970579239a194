import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCommit, parseTree } from './parse-objects.ts';

const commit = (text: string) => parseCommit(Buffer.from(text));
const tree = 'a'.repeat(40);
const parent = 'b'.repeat(40);

describe('a commit', () => {
  it('is read with all that Git writes into one', () => {
    expect(
      commit(
        `tree ${tree}\nparent ${parent}\nparent ${tree}\nauthor Ada <ada@example.com> 1700000000 +0200\ncommitter Bob <b@example.com> 1700000001 -0700\ngpgsig -----BEGIN\n author Mallory <m@example.com> 1 +0000\n -----END\n\nSubject\n\nBody\n\n`,
      ),
    ).toEqual({
      tree,
      parents: [parent, tree],
      author: 'Ada <ada@example.com>',
      message: 'Subject\n\nBody',
      committedAt: 1_700_000_001,
    });
  });

  it.each([
    ['no author at all', `tree ${tree}\n\nx`, { author: '', committedAt: 0, message: 'x' }],
    ['an author without e-mail', `tree ${tree}\nauthor nobody\ncommitter nobody\n\nx`, { author: 'nobody' }],
    ['an author without a time', `author A <a@b>\ncommitter A <a@b>\n\nx`, { author: 'A <a@b>', committedAt: 0 }],
    ['a time beyond all calendars', `committer A <a@b> 99999999999999 +0000\n\n`, { committedAt: 253_402_214_400 }],
    ['a time before all others', `committer A <a@b> -99999999999999 +0000\n\n`, { committedAt: 0 }],
    ['NUL', `author A\0 <a@b> 1 +0000\n\nhello\0world`, { author: 'A <a@b>', message: 'helloworld' }],
    ['no message', `tree ${tree}`, { tree, message: '' }],
    ['nothing', '', { tree: '', parents: [], author: '', message: '', committedAt: 0 }],
  ])('[G6] with %s is read all the same', (_what, text, expected) => {
    expect(commit(text)).toMatchObject(expected);
  });

  it('[L7] keeps a bounded part of a long message', () => {
    expect(commit(`tree ${tree}\n\n${'x'.repeat(10_000_000)}`).message.length).toBe(65_536);
  });

  it('[G6] of any bytes is read', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const { committedAt, message } = parseCommit(bytes);
        expect(new Date(committedAt * 1000).toISOString()).toMatch(/^\d{4}-/);
        expect(message).not.toContain('\0');
      }),
    );
  });
});

describe('a tree', () => {
  const entry = (mode: string, name: string | Buffer) =>
    Buffer.concat([Buffer.from(`${mode} `), Buffer.from(name), Buffer.alloc(1), Buffer.alloc(20, 0xaa)]);
  const names = (...entries: Buffer[]) => parseTree(Buffer.concat(entries)).map(({ name }) => name);

  it('is read with every type of entry', () => {
    const entries = parseTree(
      Buffer.concat([
        entry('100644', 'a.yaml'),
        entry('40000', 'b'),
        entry('120000', 'link'),
        entry('160000', 'module'),
        entry('100755', 'run.sh'),
      ]),
    );
    expect(entries.map(({ name, type }) => `${type} ${name}`)).toEqual([
      'blob a.yaml',
      'tree b',
      'link link',
      'commit module',
      'blob run.sh',
    ]);
    expect(entries[0]?.id).toBe('aa'.repeat(20));
  });

  it('[G6] keeps names that are odd, and leaves out those that lead elsewhere', () => {
    const odd = [' ', 'dev\\x2dlabel.swap', 'new\nline', 'ü.yaml'];
    expect(names(...odd.map((name) => entry('100644', name)))).toEqual(odd);
    expect(names(...['..', '.', '.git', '.GIT', '', '../../x', 'a/b'].map((name) => entry('100644', name)))).toEqual(
      [],
    );
  });

  it('never takes two names for one', () => {
    expect(new Set(names(entry('100644', Buffer.of(0x61, 0xfe)), entry('100644', Buffer.of(0x61, 0xff)))).size).toBe(2);
  });

  it('of any bytes is read', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void parseTree(bytes)));
  });
});
