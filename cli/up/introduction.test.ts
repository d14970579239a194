import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { layOut } from './directory.ts';
import { chooseExample } from './examples.ts';
import { introduce } from './introduction.ts';
import { quote } from './quote.ts';

const plain = { style: (_style: string, text: string) => text };

it('says where everything is, and what to try, with paths that a shell takes as they are', () => {
  const text = introduce(plain, {
    url: 'http://127.0.0.1:7070',
    tokenFile: '/home/ann lee/up/hub/admin.token',
    directory: layOut('/home/ann lee/up'),
    members: [{ name: 'prod-1', labels: {}, kubeconfig: '/home/ann lee/up/clusters/prod-1/kubeconfig' }],
    example: chooseExample(undefined, false),
    command: 'fairway',
    notes: ['A note.'],
  });
  for (const place of [
    'http://127.0.0.1:7070',
    '/home/ann lee/up/hub/admin.token',
    '/home/ann lee/up/fleet',
    'A note.',
  ])
    expect(text).toContain(place);
  expect(text).toContain("git -C '/home/ann lee/up/fleet' commit");
  expect(text).toContain("kubectl --kubeconfig '/home/ann lee/up/clusters/prod-1/kubeconfig' -n shop scale");
  expect(text).toContain('fairway drift list');
});

it.each(['plain', 'with space', `it's "quoted"`, '$HOME `x` \\'])('quotes %j for a shell', (word) => {
  expect(execFileSync('sh', ['-c', `printf %s ${quote(word)}`], { encoding: 'utf8' })).toBe(word);
});

it('knows the examples that sandboxes play, and refuses others by name', () => {
  expect(chooseExample('promotion', false).members?.map(({ name }) => name)).toContain('prod-canary');
  expect(chooseExample(undefined, true).members).toBeNull();
  const refusal = expect.objectContaining({ code: 'example-unknown', field: '--example' });
  expect(() => chooseExample('nothing', false)).toThrow(refusal);
  expect(() => chooseExample('promotion', true)).toThrow(refusal);
});
