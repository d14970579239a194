import type { Notice } from '../../core/notification/notice.ts';

/** A notice that is not told yet. */
export interface Draft extends Omit<Notice, 'id'> {
  /** What it tells of, and since when: of two drafts with one key, one is told. */
  readonly key: string;
}
