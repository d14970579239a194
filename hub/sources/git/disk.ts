import { promises } from 'node:fs';
import type { PromiseFsClient } from 'isomorphic-git';

let written = 0;

/** The file system, with files that appear whole or not at all: a hub killed while it fetches leaves no torn index (X1). */
export const disk: PromiseFsClient = {
  promises: {
    ...promises,
    async writeFile(path: string, content: string | Uint8Array, options?: Parameters<typeof promises.writeFile>[2]) {
      const draft = `${path}.${process.pid}-${++written}.draft`;
      await promises.writeFile(draft, content, options);
      await promises.rename(draft, path);
    },
  },
};
