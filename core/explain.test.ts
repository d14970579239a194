import { describe, expect, it } from 'vitest';
import { FairwayError } from './errors.ts';
import { explain } from './explain.ts';

describe('explain', () => {
  it('[X4] says what is wrong, the next step, the code and the field', () => {
    const error = new FairwayError('config-missing', 'there is no hub', { field: 'FAIRWAY_HUB', remedy: 'give --hub' });
    expect(explain('fairway', error)).toEqual([
      'fairway: there is no hub',
      '  next: give --hub',
      '  code: config-missing, field: FAIRWAY_HUB',
    ]);
  });

  it('leaves out what there is not', () => {
    expect(explain('fairway', new FairwayError('hub-gone', 'it is gone'))).toEqual([
      'fairway: it is gone',
      '  code: hub-gone',
    ]);
    expect(explain('fairway', 'a thrown text')).toEqual(['fairway: a thrown text']);
  });
});
