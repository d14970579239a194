export type ReadBundle = (digest: string) => Promise<Uint8Array | null>;

/**
 * Keeps the bundles that are asked for most: two hundred agents that want one digest cost one read. What is read
 * now is shared by all who ask meanwhile; what is kept is bounded.
 * @param limit bytes
 */
export function cacheBundles(read: ReadBundle, limit: number): ReadBundle {
  /** In the order of their last use, the oldest first. */
  const kept = new Map<string, Uint8Array>();
  const reading = new Map<string, Promise<Uint8Array | null>>();
  let size = 0;

  const keep = (digest: string, content: Uint8Array) => {
    if (content.byteLength > limit) return;
    kept.set(digest, content);
    size += content.byteLength;
    for (const [oldest, old] of kept) {
      if (size <= limit) return;
      kept.delete(oldest);
      size -= old.byteLength;
    }
  };

  const readOnce = async (digest: string) => {
    try {
      const content = await read(digest);
      if (content !== null) keep(digest, content);
      return content;
    } finally {
      reading.delete(digest);
    }
  };

  return (digest) => {
    const content = kept.get(digest);
    if (content !== undefined) {
      kept.delete(digest);
      kept.set(digest, content);
      return Promise.resolve(content);
    }
    const already = reading.get(digest) ?? readOnce(digest);
    reading.set(digest, already);
    return already;
  };
}
