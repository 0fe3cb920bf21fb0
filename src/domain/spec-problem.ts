/** The first thing in the spec of an ExternalSecret by which it can never be served. Pure. */

import type { ExternalSecret } from '../api/external-secret.ts';
import { InvalidSpec } from '../ports/errors.ts';
import { type FindQuery, findMatcher } from '../ports/find-query.ts';
import { genericTargetOf, genericTargetProblem, objectIdOf } from './manifest-kind.ts';
import { type Reference, referencesOf, type StoreBinding } from './references.ts';
import { specProblems } from './spec-rules.ts';
import { quotedTarget, targetIdOf } from './target.ts';
import { TEMPLATE_FROM, type TemplateSourceRef, templateSourcesOf } from './template-sources.ts';
import { unsupportedField } from './unsupported.ts';
import { fieldWithoutStore } from './used-stores.ts';

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html */
const LONGEST_SECRET_ID = 2048;

/** A spec is judged before its stores are. */
const ANY_STORE: StoreBinding = { identityKey: '', keyPrefix: '' };

/** What AWS could only refuse, or would read as something else than what is written. */
function referenceProblem({ field, ref }: Reference): InvalidSpec | undefined {
  if ('query' in ref) return queryProblem(field, ref.query);
  if (ref.key.length === 0 || ref.key.length > LONGEST_SECRET_ID) {
    return new InvalidSpec(`${field}: the key has ${ref.key.length} characters; AWS takes 1 to ${LONGEST_SECRET_ID}`);
  }
  if (ref.version.kind === 'id' && ref.version.versionId === '') {
    return new InvalidSpec(`${field}: version "uuid/" names no version; write its id after the slash`);
  }
  return undefined;
}

function queryProblem(field: string, query: FindQuery): InvalidSpec | undefined {
  const { path = '', nameRegexp = '', tags = {} } = query;
  if (path === '' && nameRegexp === '' && Object.keys(tags).length === 0) {
    return new InvalidSpec(`${field} has neither name.regexp nor tags nor path; say which secrets are meant`);
  }
  try {
    findMatcher(query);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidSpec) return new InvalidSpec(`${field}.name.regexp: ${error.message}`);
    throw error;
  }
}

/** Another store alone, which upstream lets pass, and of which nothing is read. */
function emptyEntry({ dataFrom = [] }: ExternalSecret['spec']): string | undefined {
  const index = dataFrom.findIndex(({ extract, find }) => extract === undefined && find === undefined);
  return index === -1 ? undefined : `spec.dataFrom[${index}] has neither extract nor find`;
}

/** What is written would change its own template, and be written again for ever. */
function ownTemplate(externalSecret: ExternalSecret): string | undefined {
  const { spec } = externalSecret;
  const own = targetIdOf(externalSecret);
  const found = templateSourcesOf(spec.target?.template).find((source) => own === idIn(externalSecret, source));
  return found === undefined
    ? undefined
    : `${TEMPLATE_FROM} takes a template from ${quotedTarget(externalSecret)}, which is the target itself; ` +
        'keep it in another object';
}

function idIn({ metadata }: ExternalSecret, { kind, name }: TemplateSourceRef): string {
  const key = `${metadata.namespace}/${name}`;
  return kind === 'Secret' ? key : objectIdOf({ apiVersion: 'v1', kind }, key);
}

/** @param allowsGeneric whether targets may be other than Secrets */
export function specProblem(externalSecret: ExternalSecret, allowsGeneric: boolean): InvalidSpec | undefined {
  const { spec } = externalSecret;
  const field = unsupportedField(spec);
  if (field !== undefined) {
    return new InvalidSpec(`${field} is not implemented by Keyturn yet; remove it, or see the README for what is`);
  }
  const generic = genericTargetOf(spec);
  const refusal = generic && genericTargetProblem(generic, allowsGeneric);
  if (refusal !== undefined) return refusal;
  const [rule] = specProblems(spec);
  const problem = rule ?? emptyEntry(spec) ?? ownTemplate(externalSecret);
  if (problem !== undefined) return new InvalidSpec(problem);
  const badReference = referencesOf(externalSecret, () => ANY_STORE)
    .map(referenceProblem)
    .find((bad) => bad !== undefined);
  if (badReference !== undefined) return badReference;
  const storeless = fieldWithoutStore(spec);
  if (storeless !== undefined) return new InvalidSpec(`${storeless}.name is missing; name the store to read from`);
  return undefined;
}
