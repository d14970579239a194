/** The form that a caller would have an answer in. */
export type Form = 'json' | 'table' | 'metadata' | 'metadata-list' | 'discovery-v2' | 'discovery-v2beta1';

const parameters: readonly [RegExp, Form][] = [
  [/;as=Table\b/, 'table'],
  [/;as=PartialObjectMetadataList\b/, 'metadata-list'],
  [/;as=PartialObjectMetadata\b/, 'metadata'],
];

/**
 * The first form of an `Accept` header that the sandbox can give; null where there is none.
 * @param offered the special forms that this answer has, besides plain JSON
 */
export function negotiate(accept: string | undefined, offered: readonly Form[]): Form | null {
  if (accept === undefined || accept.trim() === '') return 'json';
  for (const range of accept.split(',').map((part) => part.trim().replaceAll(' ', ''))) {
    if (!/^(application\/(json|\*)|\*\/\*)(;|$)/.test(range)) continue;
    const form = formOf(range);
    if (form === 'json' || offered.includes(form)) return form;
  }
  return null;
}

function formOf(range: string): Form {
  if (/;as=APIGroupDiscoveryList\b/.test(range)) return /;v=v2(;|$)/.test(range) ? 'discovery-v2' : 'discovery-v2beta1';
  return parameters.find(([pattern]) => pattern.test(range))?.[1] ?? 'json';
}
