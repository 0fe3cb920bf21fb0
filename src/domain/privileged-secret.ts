/**
 * Secrets that make Kubernetes itself hand out or accept credentials (upstream section 1.2, rule 4): who may create an
 * ExternalSecret would get rights by them that he does not have. Asked of what would be written, whatever it came from.
 */

const BOOTSTRAP_TOKEN = 'bootstrap.kubernetes.io/token';
const SERVICE_ACCOUNT_TOKEN = 'kubernetes.io/service-account-token';
const SERVICE_ACCOUNT_NAME = 'kubernetes.io/service-account.name';

/** By these a Secret of that type says whose token Kubernetes puts into it. */
export const TOKEN_ANNOTATIONS: readonly string[] = [SERVICE_ACCOUNT_NAME, 'kubernetes.io/service-account.uid'];

/**
 * Why a Secret of this type and with these annotations is never written, or undefined.
 * @param type undefined where one that is there keeps its own, whatever that is
 */
export function privilegeProblem(
  type: string | undefined,
  annotations: Readonly<Record<string, string>>,
): string | undefined {
  if (type === BOOTSTRAP_TOKEN) return `a Secret of type ${BOOTSTRAP_TOKEN} would let nodes join the cluster`;
  const given = TOKEN_ANNOTATIONS.find((name) => Object.hasOwn(annotations, name));
  if (given === undefined) return undefined;
  if (type === undefined) {
    return (
      `the annotation ${given} could make Kubernetes fill a Secret that is there already with a token of another ` +
      'ServiceAccount; leave it out, or give the template a type'
    );
  }
  if (type !== SERVICE_ACCOUNT_TOKEN) return undefined;
  return (
    `a Secret of type ${SERVICE_ACCOUNT_TOKEN} with the annotation ${given} would be filled with a token ` +
    'of that ServiceAccount; leave one of the two out'
  );
}
