import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseYaml } from '../yaml/yaml.ts';
import { compileTemplate, extractPlaceholders } from './template.ts';
import { lookUp, type VariableScope } from './variables.ts';

const scope: VariableScope = {
  variables: { logLevel: 'info', port: 8080, debug: true, hosts: ['a', 'b'], tricky: 'x: "y" #z\n- \ue000' },
  cluster: { name: 'eu-1', labels: { region: 'eu', 'topology.kubernetes.io/zone': 'eu-1a', 'a.b': 'dotted' } },
  environment: 'prod',
};

function evaluate(text: string, values = scope): unknown {
  const extracted = extractPlaceholders(text);
  const { documents, problems } = parseYaml(extracted.text, { file: 'a.yaml', schema: extracted.schema });
  expect(problems).toEqual([]);
  const template = compileTemplate(documents[0]?.value, extracted);
  return template.evaluate === null ? template.value : template.evaluate((reference) => lookUp(reference, values));
}

describe('[G3] placeholders', () => {
  it.each<[string, string, unknown]>([
    ['a whole plain scalar takes the value with its type', 'a: ${{ port }}', { a: 8080 }],
    ['so does a boolean', 'a: ${{debug}}', { a: true }],
    ['and a list', 'a: ${{ hosts }}', { a: ['a', 'b'] }],
    ['a quoted one is a text', 'a: "${{ port }}"', { a: '8080' }],
    ['a single-quoted one too', "a: '${{ port }}'", { a: '8080' }],
    ['and one with a tag that says so', 'a: !!str ${{ port }}', { a: '8080' }],
    ['an embedded one is a text', 'a: http://x:${{ port }}/', { a: 'http://x:8080/' }],
    ['two are a text', 'a: ${{ port }}${{ debug }}', { a: '8080true' }],
    ['in a block', 'a: |\n  level=${{ logLevel }}\n  b\n', { a: 'level=info\nb\n' }],
    ['in a folded block', 'a: >-\n  ${{ logLevel }}\n  b', { a: 'info b' }],
    ['in flow lists and maps', 'a: [${{ port }}, {b: ${{ logLevel }}}]', { a: [8080, { b: 'info' }] }],
    ['as a key', '${{ port }}: 1\n"x-${{ logLevel }}": 2', { '8080': 1, 'x-info': 2 }],
    ['in JSON', '{"a": "${{ logLevel }}", "b": ${{ port }}}', { a: 'info', b: 8080 }],
    ['the cluster', 'a: ${{ cluster.name }}/${{ environment }}', { a: 'eu-1/prod' }],
    ['a label', 'a: ${{ cluster.labels.region }}', { a: 'eu' }],
    ['a label with dots', 'a: ${{ cluster.labels.a.b }}', { a: 'dotted' }],
    ['a label with a slash', "a: ${{ cluster.labels['topology.kubernetes.io/zone'] }}", { a: 'eu-1a' }],
    ['the same with other quotes, in a quoted text', `a: '\${{ cluster.labels["a.b"] }}'`, { a: 'dotted' }],
    ['a value that YAML would read is only a text', 'a: ${{ tricky }}\nb: 1', { a: scope.variables.tricky, b: 1 }],
    ['an escaped one is itself', 'a: $${{ logLevel }} ${{ logLevel }}', { a: '${{ logLevel }} info' }],
    ['by an anchor', 'a: &x ${{ port }}\nb: *x', { a: 8080, b: 8080 }],
    ['by a merge', 'a: &x {p: "${{ port }}"}\nb: {<<: *x}', { a: { p: '8080' }, b: { p: '8080' } }],
    ['in a comment it means nothing', 'a: 1 # ${{ nothing here', { a: 1 }],
    ['a file with the mark in it', 'a: "\ue000 \\ue001 ${{ port }}"', { a: '\ue000 \ue001 8080' }],
    ['shell and Helm are left alone', 'a: ${HOME} $(x) ${ x }', { a: '${HOME} $(x) ${ x }' }],
  ])('%s', (_, text, value) => {
    expect(evaluate(text)).toEqual(value);
  });

  it('know their lines, and what is no reference', () => {
    const { placeholders } = extractPlaceholders(
      'a: ${{ x }}\n\nb: ${{ a b }}\nc: $${{ no }}\nd: ${{ open\ne: ${{ y }}\n',
    );
    expect(placeholders).toEqual([
      { text: '${{ x }}', line: 1, reference: { type: 'variable', name: 'x' } },
      { text: '${{ a b }}', line: 3, reference: null },
      { text: '${{', line: 5, reference: null },
      { text: '${{ y }}', line: 6, reference: { type: 'variable', name: 'y' } },
    ]);
  });

  it('give back any text, wherever it is put', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        const values = { ...scope, variables: { v: value } };
        expect(evaluate('a: ${{ v }}\nb: "<${{ v }}>"\nc: |-\n  ${{ v }}', values)).toEqual({
          a: value,
          b: `<${value}>`,
          c: value,
        });
      }),
    );
  });
});
