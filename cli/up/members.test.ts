import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realMembers } from './members.ts';

describe('clusters of kubeconfigs', () => {
  let folder: string;
  const kubeconfig = async (file: string, text: string) => {
    const path = join(folder, file);
    await writeFile(path, text);
    return path;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fairway-members-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('are called as their contexts, made fit for a name, each another', async () => {
    const one = await kubeconfig('one', 'current-context: admin@eu_1.example\n');
    const two = await kubeconfig('two', 'current-context: kind-two\n');
    const members = await realMembers([one, two, two]);
    expect(members.map(({ name }) => name)).toEqual(['admin-eu-1-example', 'kind-two', 'kind-two-2']);
    expect(members.map((member) => member.kubeconfig)).toEqual([one, two, two]);
  });

  it('are refused by file where there is no way to a cluster', async () => {
    const refusal = { code: 'kubeconfig-invalid', field: '--kubeconfig' };
    await expect(realMembers([join(folder, 'nowhere')])).rejects.toMatchObject(refusal);
    await expect(realMembers([await kubeconfig('empty', '')])).rejects.toMatchObject(refusal);
    await expect(realMembers([await kubeconfig('broken', '{')])).rejects.toMatchObject(refusal);
  });
});
