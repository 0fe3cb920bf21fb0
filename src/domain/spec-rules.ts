/**
 * What upstream's validating webhook refuses (upstream section 1.2), so that it is refused here too, at every look and not
 * only at admission: the ValidatingAdmissionPolicy of the chart says the same earlier, where it is installed.
 */

import type { DataFrom } from '../api/data-from.ts';
import type { ExternalSecretSpec, ExternalSecretTarget } from '../api/external-secret.ts';
import type { SecretTemplate } from '../api/secret-template.ts';
import { genericTargetOf } from './manifest-kind.ts';
import { quotedKey } from './quoted-keys.ts';

type Problems = readonly (string | false)[];

/** Policies under which the target is not this object's own, or not wholly. */
const NOT_OWNED: readonly string[] = ['Merge', 'None', 'CreateOrMerge'];

function ofPolicies({ creationPolicy = 'Owner', deletionPolicy = 'Retain' }: ExternalSecretTarget): Problems {
  if (deletionPolicy === 'Retain' || !NOT_OWNED.includes(creationPolicy)) return [];
  const combination = `spec.target.deletionPolicy ${deletionPolicy} does not go with creationPolicy ${creationPolicy}`;
  if (creationPolicy === 'None') return [`${combination}: nothing is written; use deletionPolicy Retain`];
  return [
    deletionPolicy === 'Delete' &&
      `${combination}: what is not this ExternalSecret's own is not deleted; ` +
        'use creationPolicy Owner, or deletionPolicy Merge or Retain',
  ];
}

const BOOTSTRAP_TOKEN = 'bootstrap.kubernetes.io/token';
const SERVICE_ACCOUNT_TOKEN = 'kubernetes.io/service-account-token';
const SERVICE_ACCOUNT_NAME = 'kubernetes.io/service-account.name';

function partOf(target: string | undefined): string {
  return (target || 'Data').toLowerCase();
}

/** Such a Secret would make Kubernetes itself hand out credentials that its author may not have. */
function ofPrivileges({ type, metadata = {}, templateFrom = [] }: SecretTemplate): Problems {
  if (type === BOOTSTRAP_TOKEN) {
    return [`spec.target.template.type ${BOOTSTRAP_TOKEN} would let nodes join the cluster; choose another type`];
  }
  if (type !== SERVICE_ACCOUNT_TOKEN) return [];
  const why = `spec.target.template.type ${SERVICE_ACCOUNT_TOKEN} would be filled with a token of a ServiceAccount`;
  const annotating = templateFrom.findIndex(({ target }) => partOf(target) === 'annotations');
  return [
    Object.hasOwn(metadata.annotations ?? {}, SERVICE_ACCOUNT_NAME) &&
      `${why} together with the annotation ${SERVICE_ACCOUNT_NAME}; remove one of the two`,
    annotating !== -1 &&
      `${why} if spec.target.template.templateFrom[${annotating}] renders the annotation that names it; ` +
        'use a target other than Annotations, or another type',
  ];
}

const PARTS: readonly string[] = ['data', 'annotations', 'labels'];

/** Other kinds of targets take paths there. */
function ofTemplateTargets(target: ExternalSecretTarget): Problems {
  if (genericTargetOf({ target }) !== undefined) return [];
  return (target.template?.templateFrom ?? []).map(
    ({ target: part }, index) =>
      !PARTS.includes(partOf(part)) &&
      `spec.target.template.templateFrom[${index}].target ${quotedKey(part ?? '')} is no part of a Secret; ` +
        'use Data, Annotations or Labels',
  );
}

function ofDataFrom({ find, extract, sourceRef }: DataFrom, index: number): Problems {
  const path = `spec.dataFrom[${index}]`;
  const sources = [find, extract, sourceRef?.generatorRef].filter((source) => source !== undefined);
  return [
    sources.length > 1 && `${path} has more than one of find, extract and sourceRef.generatorRef; keep one of them`,
    find === undefined &&
      extract === undefined &&
      sourceRef === undefined &&
      `${path} has neither extract nor find nor sourceRef; name what to read`,
    sourceRef !== undefined &&
      sourceRef.storeRef === undefined &&
      sourceRef.generatorRef === undefined &&
      `${path}.sourceRef has neither storeRef nor generatorRef; name one, or remove sourceRef`,
  ];
}

/** Under the other deletion policies a second entry may stand in for a first one that is gone. */
function ofDuplicates({ data = [], target = {} }: ExternalSecretSpec): Problems {
  if ((target.deletionPolicy ?? 'Retain') !== 'Retain') return [];
  const seen = new Set<string>();
  const duplicates = data.filter(({ secretKey }) => seen.size === seen.add(secretKey).size);
  return [...new Set(duplicates.map(({ secretKey }) => secretKey))].map(
    (key) => `spec.data names the secretKey ${quotedKey(key)} twice; remove one of the two entries`,
  );
}

/** What can never be served, in the order of the manifest's rules; each names the field and what to do. */
export function specProblems(spec: ExternalSecretSpec): readonly string[] {
  const { data = [], dataFrom = [], target = {} } = spec;
  const problems: Problems = [
    ...ofPolicies(target),
    data.length === 0 &&
      dataFrom.length === 0 &&
      'spec.data and spec.dataFrom are both empty; name at least one secret to sync',
    ...ofPrivileges(target.template ?? {}),
    ...ofTemplateTargets(target),
    ...dataFrom.flatMap(ofDataFrom),
    ...ofDuplicates(spec),
  ];
  return problems.filter((problem) => problem !== false);
}
