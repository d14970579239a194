import { describe, expect, it } from 'vitest';
import { immutablePhrase, isImmutableRefusal } from './immutable.ts';

const invalid = (message: string) => ({ reason: 'FieldValueInvalid', message });
const forbidden = (message: string) => ({ reason: 'FieldValueForbidden', message });
const refused = (...causes: { reason: string; message: string }[]) => ({
  ...{ status: 422, reason: 'Invalid', message: 'Job.batch "x" is invalid', causes },
});

describe('an immutable field', () => {
  it.each([
    invalid('Invalid value: core.PodTemplateSpec{…}: field is immutable'),
    invalid('Invalid value: "None": may not change once set'),
    invalid('Invalid value: rbac.RoleRef{APIGroup:"rbac.authorization.k8s.io"}: cannot change roleRef'),
    forbidden('Forbidden: field is immutable when `immutable` is set'),
    forbidden("Forbidden: updates to statefulset spec for fields other than 'replicas', 'template' are forbidden"),
    forbidden('pod updates may not change fields other than `spec.containers[*].image`'),
    forbidden('Forbidden: may not be changed in an update.'),
  ])('[A8] is recognised: %o', (cause) => {
    expect(isImmutableRefusal(refused(cause))).toBe(true);
  });

  it.each([
    ['another reason', refused(invalid('Invalid value: 5: must be less than 4'))],
    ['one of two', refused(invalid('x: field is immutable'), invalid('Invalid value: "": is required'))],
    ['no cause', refused()],
    ['a conflict', { ...refused(invalid('x: field is immutable')), status: 409, reason: 'Conflict' }],
    ['the words of a rule of a CRD', refused(invalid('Invalid value: "object": size is immutable'))],
    [
      'the words of a webhook',
      {
        ...refused(invalid('x: field is immutable')),
        message: 'admission webhook "a.example.com" denied the request: x: field is immutable',
      },
    ],
    [
      'a bound claim',
      refused(forbidden('spec is immutable after creation except resources.requests for bound claims')),
    ],
  ])('[A8] is not: %s', (_, answer) => {
    expect(isImmutableRefusal(answer)).toBe(false);
  });

  it('[A11] is named without the value that it holds', () => {
    expect(immutablePhrase(invalid('Invalid value: "hunter2": field is immutable'))).toBe('field is immutable');
    expect(immutablePhrase(invalid('Invalid value: "hunter2": must be shorter'))).toBeNull();
  });
});
