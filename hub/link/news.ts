/**
 * "Cluster X has news": tells the replica that holds X's stream to read the database and send. A lost message
 * costs one resync (L2), so nothing here is durable.
 */
export interface News {
  /** @returns ends the subscription */
  subscribe(handler: (news: NewsItem) => void): () => void;
  close(): Promise<void>;
}

export type NewsItem =
  | { readonly type: 'desired'; readonly clusters: readonly string[] }
  | { readonly type: 'revoked'; readonly cluster: string }
  /** Something was stored that screens show; `event` is its id. */
  | { readonly type: 'event'; readonly event: number }
  /** News may have been missed: look at everything again. Never published; it comes after a connection broke. */
  | { readonly type: 'resync' };
