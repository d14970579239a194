import { describe, expect, it } from 'vitest';
import { parseApplication } from './parse.ts';

const file = (spec: string) =>
  new TextEncoder().encode(`apiVersion: fairway.dev/v1
kind: Application
metadata: {name: shop}
spec:
${spec}
`);
const read = (spec: string) => parseApplication('apps/shop/app.yaml', file(spec));

describe('the health rules of an application', () => {
  it('[H1] take an expression for each word, and one for the sentence', () => {
    const { application, problems } = read(`
  health:
    - kind: Widget
      group: example.com
      name: shop-*
      healthy: object.status.phase == 'Ready'
      degraded: object.status.phase in ['Failed', 'Lost']
      suspended: has(object.spec.paused) && object.spec.paused
      progressing: object.status.phase == 'Pending'
      message: "'it is ' + object.status.phase"`);
    expect(problems).toEqual([]);
    expect(application?.spec.health).toMatchObject([{ kind: 'Widget', message: "'it is ' + object.status.phase" }]);
  });

  it.each([
    ['healthy: object.status.phase ==', 'healthy', /EOF/],
    ["healthy: status.phase == 'Ready'", 'healthy', /Unknown variable: status \(line 1, column 1\)/],
    ['healthy: "\'yes\'"', 'healthy', /gives a string, not a bool/],
    ["healthy: 'true'\n      degraded: object.failed()", 'degraded', /./],
    ["healthy: 'true == true'\n      message: 1 + 1", 'message', /gives a int, not a string/],
  ])('[X4] name file, line, field and remedy of a broken expression: %s', (rule, field, message) => {
    const { application, problems } = read(`  health:\n    - kind: Widget\n      ${rule}`);
    expect(application).toBeNull();
    expect(problems.at(-1)).toMatchObject({
      code: 'field-invalid',
      file: 'apps/shop/app.yaml',
      line: 7 + (rule.includes('\n') ? 1 : 0),
      field: `spec.health[0].${field}`,
      message: expect.stringMatching(message),
      remedy: expect.stringContaining('its one variable is object'),
    });
  });

  it('[A11] are refused for Secrets', () => {
    expect(read('  health: [{kind: Secret, healthy: "true"}]').problems).toMatchObject([
      { field: 'spec.health[0].kind', message: 'expected a kind other than Secret; found "Secret"' },
    ]);
  });
});

describe('what an application leaves to others', () => {
  it('[D4] is named by pointers, keys of items and wildcards', () => {
    const fields = ['/spec/replicas', '/spec/template/spec/containers[name=proxy]/image', '/metadata/annotations/*'];
    const { application, problems } = read(
      `  ignore: [{kind: Deployment, name: web-*, fields: ${JSON.stringify(fields)}}]`,
    );
    expect(problems).toEqual([]);
    expect(application?.spec.ignore[0]?.fields).toEqual(fields);
  });

  it.each(['spec.replicas', '/spec/containers[proxy]', '/spec/containers[name=proxy', ''])(
    '[X4] names the field that is none: %j',
    (field) => {
      expect(read(`  ignore: [{fields: [${JSON.stringify(field)}]}]`).problems).toMatchObject([
        { line: 5, field: 'spec.ignore[0].fields[0]', message: expect.stringContaining('/spec/replicas') },
      ]);
    },
  );
});
