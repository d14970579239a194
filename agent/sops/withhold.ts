import { describeRef, refKey, refOf } from '../../core/objects/object.ts';
import { withoutValue } from '../kube/errors.ts';
import { type Kube, KubeError } from '../kube/port.ts';

/**
 * Keeps the API server's words about objects that came encrypted out of every error, for they may quote values (A11);
 * of a Secret the client itself keeps them.
 * @param isSealed whether an object, by its key, came encrypted
 */
export function withholding(kube: Kube, isSealed: (key: string) => boolean): Kube {
  return {
    ...kube,
    async apply(resource, object, options) {
      try {
        return await kube.apply(resource, object, options);
      } catch (error) {
        if (!(error instanceof KubeError) || !isSealed(refKey(refOf(object)))) throw error;
        throw mayQuote(error) ? withheld(error, describeRef(refOf(object))) : error;
      }
    },
  };
}

function mayQuote({ code }: KubeError): boolean {
  return code === 'invalid' || code === 'unavailable';
}

function withheld({ code, status, reason, causes, object }: KubeError, name: string): KubeError {
  const fields = causes.map(({ field, reason: why }) => `${field} (${why})`).join(', ');
  const message = `${name} is refused${fields === '' ? '' : `: ${fields}`}; the server's words are withheld, for the object came encrypted and they may quote it`;
  const silent = causes.map(withoutValue);
  return new KubeError(code, message, { status, reason, causes: silent, object });
}
