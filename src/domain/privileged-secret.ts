/**
 * Secrets that make Kubernetes itself hand out or accept credentials (upstream section 1.2, rule 4): who may create an
 * ExternalSecret would get rights by them that he does not have. Asked of what would be written, whatever it came from.
 */

const BOOTSTRAP_TOKEN = 'bootstrap.kubernetes.io/token';
const SERVICE_ACCOUNT_TOKEN = 'kubernetes.io/service-account-token';
const SERVICE_ACCOUNT_NAME = 'kubernetes.io/service-account.name';

/** Why a Secret of this type and with these annotations is never written, or undefined. */
export function privilegeProblem(
  type: string | undefined,
  annotations: Readonly<Record<string, string>>,
): string | undefined {
  if (type === BOOTSTRAP_TOKEN) return `a Secret of type ${BOOTSTRAP_TOKEN} would let nodes join the cluster`;
  if (type !== SERVICE_ACCOUNT_TOKEN || !Object.hasOwn(annotations, SERVICE_ACCOUNT_NAME)) return undefined;
  return (
    `a Secret of type ${SERVICE_ACCOUNT_TOKEN} with the annotation ${SERVICE_ACCOUNT_NAME} would be filled with a token ` +
    'of that ServiceAccount; leave one of the two out'
  );
}
