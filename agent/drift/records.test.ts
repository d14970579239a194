import { describe, expect, it } from 'vitest';
import { judge } from '../../core/apply/live.ts';
import { createRecords } from './records.ts';

const record = (resourceVersion: string, uid = 'one') =>
  judge({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', uid, resourceVersion } }, null, 0);

describe('records', () => {
  it('[D1] never go back to an older state of the same object', () => {
    const records = createRecords();
    expect(records.put('a', record('10'))).toBe(true);
    expect(records.put('a', record('9'))).toBe(false);
    expect(records.get('a')?.resourceVersion).toBe('10');
    expect(records.put('a', record('5', 'two'))).toBe(true);
  });

  it('[D1] an answer that comes after the deletion brings nothing back', () => {
    const records = createRecords();
    records.put('a', record('10'));
    expect(records.drop('a', 'one', '12')?.resourceVersion).toBe('10');
    expect(records.put('a', record('11'))).toBe(false);
    expect(records.get('a')).toBeUndefined();
    expect(records.put('a', record('13', 'two'))).toBe(true);
  });

  it('[D1] the deletion of an older object of the same name takes nothing away', () => {
    const records = createRecords();
    records.put('a', record('20', 'two'));
    expect(records.drop('a', 'one', '15')).toBeUndefined();
    expect(records.get('a')).toBeDefined();
  });

  it('[D1] a list takes away what it does not have, but for what is newer than the list', () => {
    const records = createRecords();
    records.put('old', record('10'));
    records.put('new', record('30', 'three'));
    expect(records.keepOnly(new Set(), '20')).toHaveLength(1);
    expect(records.get('new')).toBeDefined();
    expect(records.keepOnly(new Set(), null)).toHaveLength(1);
  });
});
