import { describe, expect, it } from 'vitest';
import { errorSummary, networkReason, refused, unanswered, type Verb } from '../../../src/kube/errors.ts';
import { everywhere, inNamespace, namespacedObject, SECRETS } from '../../../src/kube/resource-path.ts';
import { ClusterRejected } from '../../../src/ports/errors.ts';

const THINGS = { apiVersion: 'external-secrets.io/v1', plural: 'externalsecrets', scope: 'namespaced' } as const;
const db = { namespace: 'team', name: 'db' };
const secret = { verb: 'patch' as Verb, path: namespacedObject(SECRETS, db) };
const newSecret = { verb: 'create' as Verb, path: inNamespace(SECRETS, 'team') };
const thingStatus = { verb: 'patch' as Verb, path: namespacedObject(THINGS, db, 'status') };
const allThings = { verb: 'list' as Verb, path: everywhere(THINGS) };
const cause = (field: string, reason: string, message = 'Invalid value: "hunter2"') => ({ field, reason, message });
const invalid = (...causes: object[]) => ({
  reason: 'Invalid',
  message: 'Secret "db" is invalid: data: Invalid value: "hunter2"',
  details: { name: 'db', kind: 'Secret', causes },
});

const CONFIG_MAPS = { apiVersion: 'v1', plural: 'configmaps', scope: 'namespaced' } as const;
const configMap = { verb: 'patch' as Verb, path: namespacedObject(CONFIG_MAPS, db), holdsValues: true };

type Row = [
  sentence: string,
  target: { verb: Verb; path: typeof secret.path; holdsValues?: boolean; hidesNames?: boolean },
  status: number,
  body: unknown,
  name: string,
  message: string,
];

describe('what the API server refuses', () => {
  it.each<Row>([
    [
      'credentials that are not accepted',
      allThings,
      401,
      { reason: 'Unauthorized', message: 'Unauthorized' },
      'ClusterForbidden',
      "The API server does not accept the operator's credentials (401) to list externalsecrets: check its token or client certificate.",
    ],
    [
      'a webhook of a definition that does not convert its objects',
      allThings,
      500,
      {
        reason: 'StorageReadError',
        message:
          'failed to read one or more externalsecrets.external-secrets.io from the storage: StorageError: corrupt object, Code: 7, ' +
          'Key: /registry/x, AdditionalErrorMsg: object not decodable revision=246: conversion webhook for external-secrets.io/v1beta1, ' +
          'Kind=ExternalSecret failed: Post "https://webhook.eso.svc:443/convert?timeout=30s": service "webhook" not found',
      },
      'ClusterUnavailable',
      'The API server could not list externalsecrets: it has them converted by the webhook of CustomResourceDefinition "externalsecrets.external-secrets.io", which fails (service "webhook" not found); let it run, or take spec.conversion out as docs/migration.md says.',
    ],
    [
      'the same, of objects that hold values, and whose words the webhook may repeat',
      { ...allThings, holdsValues: true },
      429,
      { reason: 'TooManyRequests', message: 'conversion webhook for a.io/v1, Kind=A failed: hunter2' },
      'ClusterUnavailable',
      'The API server could not list externalsecrets: it has them converted by the webhook of CustomResourceDefinition "externalsecrets.external-secrets.io", which fails; let it run, or take spec.conversion out as docs/migration.md says.',
    ],
    [
      'of any object that holds values only fields are named',
      configMap,
      422,
      invalid(cause('spec.replicas', 'FieldValueTypeInvalid'), cause('<nil>', 'FieldValueInvalid')),
      'ClusterRejected',
      'The API server refuses to patch configmaps "team/db": it answered 422 (Invalid): spec.replicas FieldValueTypeInvalid.',
    ],
    [
      'of an object with names that may be values only fields of the root are named',
      { ...configMap, hidesNames: true },
      422,
      invalid(
        cause('spec.hunter2[0].x', 'FieldValueTypeInvalid'),
        cause('data[hunter2]', 'FieldValueInvalid'),
        cause('data', 'FieldValueTooLong'),
        cause('[]', 'FieldValueTooLong'),
      ),
      'ClusterRejected',
      'The API server refuses to patch configmaps "team/db": it answered 422 (Invalid): in spec: FieldValueTypeInvalid; in data: FieldValueInvalid; data FieldValueTooLong (an object holds little more than 1048576 bytes); FieldValueTooLong.',
    ],
    [
      'of an object that holds no values the words are repeated',
      { ...configMap, holdsValues: false },
      422,
      { reason: 'Invalid', message: 'ConfigMap "db" is invalid: said so' },
      'ClusterRejected',
      'The API server refuses to patch configmaps "team/db": it answered 422 (Invalid): ConfigMap "db" is invalid: said so.',
    ],
    [
      'a ConfigMap that is immutable',
      configMap,
      422,
      invalid(cause('data', 'FieldValueForbidden')),
      'TargetImmutable',
      'The API server refuses to patch configmaps "team/db": it answered 422 (Invalid): data FieldValueForbidden (the object is immutable: delete it, and it will be made anew).',
    ],
    [
      'any object that holds values and is too large',
      configMap,
      413,
      { reason: 'RequestEntityTooLarge', message: 'limit is 3145728, hunter2' },
      'ClusterRejected',
      'The API server refuses to patch configmaps "team/db": it answered 413 (RequestEntityTooLarge): an object holds little more than 1048576 bytes.',
    ],
    [
      'a webhook that denies a Secret is named, its words are not repeated',
      newSecret,
      403,
      { message: 'admission webhook "policy.example.com" denied the request: password hunter2 is too weak' },
      'ClusterRejected',
      'The API server does not let the operator create secrets in namespace "team" (403): admission webhook "policy.example.com" denied it.',
    ],
    [
      'a policy that denies a Secret is named',
      newSecret,
      422,
      {
        reason: 'Invalid',
        message:
          "secrets \"db\" is forbidden: ValidatingAdmissionPolicy 'strong-ones' with binding 'b' denied request: hunter2",
      },
      'ClusterRejected',
      'The API server refuses to create secrets in namespace "team": it answered 422 (Invalid): ValidatingAdmissionPolicy "strong-ones" denied it.',
    ],
    [
      'a quota that is used up is named',
      newSecret,
      403,
      {
        reason: 'Forbidden',
        message:
          'secrets "db" is forbidden: exceeded quota: small, requested: secrets=1, used: secrets=9, limited: secrets=9',
      },
      'ClusterRejected',
      'The API server does not let the operator create secrets in namespace "team" (403): ResourceQuota "small" is used up.',
    ],
    [
      'a namespace that is going away',
      newSecret,
      403,
      {
        reason: 'Forbidden',
        message: 'because it is being terminated',
        details: { causes: [cause('metadata.namespace', 'NamespaceTerminating')] },
      },
      'ClusterRejected',
      'The API server does not let the operator create secrets in namespace "team" (403): metadata.namespace NamespaceTerminating.',
    ],
    [
      'an invalid Secret: fields and reasons without the values',
      secret,
      422,
      invalid(cause('data[bad key]', 'FieldValueInvalid'), cause('metadata.labels', 'FieldValueInvalid')),
      'ClusterRejected',
      'The API server refuses to patch secrets "team/db": it answered 422 (Invalid): data[bad key] FieldValueInvalid; metadata.labels FieldValueInvalid.',
    ],
    [
      'an immutable Secret says what to do',
      secret,
      422,
      invalid(cause('data', 'FieldValueForbidden')),
      'TargetImmutable',
      'The API server refuses to patch secrets "team/db": it answered 422 (Invalid): data FieldValueForbidden (the Secret is immutable: delete it, and it will be made anew).',
    ],
    [
      'a Secret of more than 1 MiB says the limit',
      newSecret,
      422,
      invalid(cause('data', 'FieldValueTooLong')),
      'ClusterRejected',
      'The API server refuses to create secrets in namespace "team": it answered 422 (Invalid): data FieldValueTooLong (a Secret holds at most 1048576 bytes of data).',
    ],
    [
      'a Secret of more than 3 MiB says the limit too',
      newSecret,
      413,
      { reason: 'RequestEntityTooLarge', message: 'Request entity too large: limit is 3145728' },
      'ClusterRejected',
      'The API server refuses to create secrets in namespace "team": it answered 413 (RequestEntityTooLarge): a Secret holds at most 1048576 bytes of data.',
    ],
    [
      'a Secret that the store of the cluster has no place for, with the names of its keys',
      secret,
      500,
      { message: 'etcdserver: request is too large', code: 500 },
      'ClusterRejected',
      'The API server refuses to patch secrets "team/db": the store of the cluster takes no object so large, which is 1.5 MiB by default, names of keys included; give it fewer, shorter or smaller keys.',
    ],
    [
      'one that cannot even be sent to that store',
      newSecret,
      500,
      {
        message:
          'rpc error: code = ResourceExhausted desc = trying to send message larger than max (2321094 vs. 2097152)',
      },
      'ClusterRejected',
      'The API server refuses to create secrets in namespace "team": the store of the cluster takes no object so large, which is 1.5 MiB by default, names of keys included; give it fewer, shorter or smaller keys.',
    ],
    [
      'annotations that are too long say the limit',
      secret,
      422,
      invalid(cause('metadata.annotations', 'FieldValueTooLong')),
      'ClusterRejected',
      'The API server refuses to patch secrets "team/db": it answered 422 (Invalid): metadata.annotations FieldValueTooLong (annotations have at most 262144 bytes in all).',
    ],
    [
      'a type that needs a key says so',
      secret,
      422,
      invalid(cause('data[tls.crt]', 'FieldValueRequired')),
      'ClusterRejected',
      'The API server refuses to patch secrets "team/db": it answered 422 (Invalid): data[tls.crt] FieldValueRequired (a Secret of this type needs that key).',
    ],
    [
      'a pull secret that is no JSON says so',
      secret,
      422,
      invalid(cause('data[.dockerconfigjson]', 'FieldValueInvalid')),
      'ClusterRejected',
      'The API server refuses to patch secrets "team/db": it answered 422 (Invalid): data[.dockerconfigjson] FieldValueInvalid (a Secret of this type needs JSON there).',
    ],
    [
      'a finalizer that is none says what one is',
      secret,
      422,
      invalid(cause('metadata.finalizers[0]', 'FieldValueInvalid')),
      'ClusterRejected',
      'The API server refuses to patch secrets "team/db": it answered 422 (Invalid): metadata.finalizers[0] FieldValueInvalid (a finalizer is a domain, "/" and a name).',
    ],
    [
      'an invalid object of another kind: in the words of the server',
      thingStatus,
      422,
      { reason: 'Invalid', message: 'status.conditions[0].type: Required value' },
      'ClusterRejected',
      'The API server refuses to patch externalsecrets/status "team/db": it answered 422 (Invalid): status.conditions[0].type: Required value.',
    ],
    [
      'a uid that is another one now',
      thingStatus,
      422,
      { reason: 'Invalid', details: { causes: [cause('metadata.uid', 'FieldValueInvalid')] } },
      'ClusterConflict',
      'Another object has the name of externalsecrets/status "team/db" now: it was deleted and made again.',
    ],
    [
      'a version that is not the present one',
      secret,
      409,
      { reason: 'Conflict' },
      'ClusterConflict',
      'The API server could not patch secrets "team/db": the object has changed meanwhile.',
    ],
    [
      'a name that is taken',
      newSecret,
      409,
      { reason: 'AlreadyExists' },
      'ClusterConflict',
      'The API server could not create secrets in namespace "team": an object of that name exists.',
    ],
    [
      'an object that is gone',
      secret,
      404,
      { reason: 'NotFound', details: { name: 'db', kind: 'secrets' } },
      'ClusterNotFound',
      'There is no secrets "team/db".',
    ],
    [
      'a namespace that is gone',
      newSecret,
      404,
      { reason: 'NotFound', details: { name: 'team', kind: 'namespaces' } },
      'ClusterNotFound',
      'Namespace "team" does not exist.',
    ],
    [
      'a kind that is not installed',
      allThings,
      404,
      undefined,
      'ClusterNotFound',
      'The API server does not serve externalsecrets.external-secrets.io in the version that the operator speaks: install or upgrade the CRDs.',
    ],
    [
      'overload',
      secret,
      429,
      { reason: 'TooManyRequests', message: 'try again in 3.7 s' },
      'ClusterUnavailable',
      'The API server could not patch secrets "team/db": it answered 429 (TooManyRequests).',
    ],
    [
      'an internal error does not repeat the words of the server',
      secret,
      500,
      { reason: 'InternalError', message: 'hunter2' },
      'ClusterUnavailable',
      'The API server could not patch secrets "team/db": it answered 500 (InternalError).',
    ],
    [
      'a proxy that answers in its own way',
      secret,
      502,
      undefined,
      'ClusterUnavailable',
      'The API server could not patch secrets "team/db": it answered 502 (HTTP 502).',
    ],
  ])('%s', (_sentence, target, status, body, name, message) => {
    const { error } = refused(target, status, body);
    expect([error.name, error.message]).toEqual([name, message]);
    expect(error.cause).toBeUndefined();
    expect(error.message).not.toContain('hunter2');
  });

  it('never repeats a value, wherever the server puts it', () => {
    const body = invalid(cause('patch', 'FieldValueInvalid', 'Invalid value: "{\\"data\\":{\\"k\\":\\"hunter2\\"}}"'));
    for (const status of [400, 401, 403, 404, 409, 410, 413, 422, 429, 500, 503]) {
      expect(refused(secret, status, body).error.message).not.toContain('hunter2');
    }
  });
});

describe('no usable answer', () => {
  it.each<[string, unknown, string]>([
    ['the code of a socket error', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    ['the code of the cause', new Error('fetch failed', { cause: { code: 'CERT_HAS_EXPIRED' } }), 'CERT_HAS_EXPIRED'],
    ['the name of any other error', new TypeError('hunter2'), 'TypeError'],
    ['a placeholder for what is no error', 'hunter2', 'unknown'],
  ])('is told by %s', (_sentence, error, expected) => {
    expect(networkReason(error)).toBe(expected);
  });

  it('is unavailable, and the message is the same each time', () => {
    const { error, status } = unanswered(secret, 'ECONNREFUSED');
    expect([status, error.name, error.message]).toEqual([
      0,
      'ClusterUnavailable',
      'The API server gave no usable answer to patch secrets "team/db" (ECONNREFUSED).',
    ]);
  });
});

describe('what a log may say of an error', () => {
  it('is the message of an error made for users, and only the name of any other', () => {
    expect([new ClusterRejected('too large'), new SyntaxError('hunter2'), 'hunter2'].map(errorSummary)).toEqual([
      'too large',
      'SyntaxError',
      'string',
    ]);
  });
});
