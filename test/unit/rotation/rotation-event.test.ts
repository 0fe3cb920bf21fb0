import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRotationEvent, type RotationEvent } from '../../../src/rotation/rotation-event.ts';
import {
  ACCOUNT,
  ARN,
  apiCall,
  deleteSecret,
  labelUpdated,
  REGION,
  restoreSecret,
  serviceEvent,
  tagCall,
  VERSION,
} from './sample-events.ts';

const SECRET = { arn: ARN, names: ['mySecret'], account: ACCOUNT, region: REGION };
/** As it is where only the caller's word for it is known. */
const TYPED = { ...SECRET, names: ['mySecret', 'mySecret-a1b2c3'] };
const BY_NAME = { arn: undefined, names: ['mySecret'], account: ACCOUNT, region: REGION };
const CURRENT_MOVED = [
  { stage: 'AWSCURRENT', versionId: VERSION },
  { stage: 'AWSPREVIOUS', versionId: undefined },
];
const CURRENT_MAY_HAVE_MOVED = [
  { stage: 'AWSCURRENT', versionId: undefined },
  { stage: 'AWSPREVIOUS', versionId: undefined },
];
const PARTIAL = `arn:aws:secretsmanager:eu-west-1:123456789012:secret:team/db`;

type Told = Pick<RotationEvent, 'kind' | 'secret' | 'moves'>;

const EVENTS: Readonly<Record<string, readonly [event: unknown, told: Told]>> = {
  'the native event of AWSCURRENT names the full ARN and the version, and AWSPREVIOUS moves along': [
    labelUpdated(),
    { kind: 'moved', secret: SECRET, moves: CURRENT_MOVED },
  ],
  'the native event of a label of the user moves that label only': [
    labelUpdated({ labelUpdated: 'blue' }),
    { kind: 'moved', secret: SECRET, moves: [{ stage: 'blue', versionId: VERSION }] },
  ],
  'the native event of a label that is gone names no version': [
    labelUpdated({ labelUpdated: 'blue', versionId: undefined }),
    { kind: 'moved', secret: SECRET, moves: [{ stage: 'blue', versionId: undefined }] },
  ],
  'account and region are those of the ARN, whatever bus the event came over': [
    labelUpdated({}, { account: '210987654321', region: 'eu-west-1' }),
    { kind: 'moved', secret: SECRET, moves: CURRENT_MOVED },
  ],
  'in China the ARN has the partition aws-cn': [
    labelUpdated({}, { resources: ['arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:mySecret-a1b2c3'] }),
    {
      kind: 'moved',
      secret: {
        arn: 'arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:mySecret-a1b2c3',
        names: ['mySecret'],
        account: ACCOUNT,
        region: 'cn-north-1',
      },
      moves: CURRENT_MOVED,
    },
  ],
  'PutSecretValue without stages moves AWSCURRENT': [
    apiCall('PutSecretValue', {
      requestParameters: { clientRequestToken: VERSION, secretId: 'mySecret' },
      responseElements: { arn: ARN, name: 'mySecret', versionId: VERSION },
    }),
    { kind: 'moved', secret: SECRET, moves: CURRENT_MOVED },
  ],
  'PutSecretValue of a rotation moves AWSPENDING only': [
    apiCall('PutSecretValue', {
      requestParameters: { clientRequestToken: VERSION, secretId: ARN, versionStages: ['AWSPENDING'] },
      responseElements: { arn: ARN, name: 'mySecret', versionId: VERSION },
    }),
    { kind: 'moved', secret: SECRET, moves: [{ stage: 'AWSPENDING', versionId: VERSION }] },
  ],
  'PutSecretValue without an answer: the version has the id of the token, the secret the name that was typed': [
    apiCall('PutSecretValue', {
      requestParameters: { clientRequestToken: VERSION, secretId: 'mySecret' },
      responseElements: null,
    }),
    { kind: 'moved', secret: BY_NAME, moves: CURRENT_MOVED },
  ],
  'UpdateSecret that made a version moves AWSCURRENT to it': [
    apiCall('UpdateSecret', {
      requestParameters: { clientRequestToken: VERSION, secretId: 'mySecret' },
      responseElements: { aRN: ARN, name: 'mySecret', versionId: VERSION },
    }),
    { kind: 'moved', secret: SECRET, moves: CURRENT_MOVED },
  ],
  'UpdateSecret that names no version may have made one: the token is no version then': [
    apiCall('UpdateSecret', {
      requestParameters: { clientRequestToken: VERSION, secretId: 'mySecret', description: 'new' },
      responseElements: { arn: ARN, name: 'mySecret' },
    }),
    { kind: 'moved', secret: SECRET, moves: CURRENT_MAY_HAVE_MOVED },
  ],
  CreateSecret: [
    apiCall('CreateSecret', {
      requestParameters: { name: 'mySecret', clientRequestToken: VERSION },
      responseElements: { arn: ARN, name: 'mySecret', versionId: VERSION },
    }),
    { kind: 'moved', secret: SECRET, moves: CURRENT_MOVED },
  ],
  'CreateSecret without an answer names the secret': [
    apiCall('CreateSecret', { requestParameters: { name: 'mySecret' } }),
    { kind: 'moved', secret: BY_NAME, moves: CURRENT_MAY_HAVE_MOVED },
  ],
  'UpdateSecretVersionStage is the flip of a rotation': [
    apiCall('UpdateSecretVersionStage', {
      requestParameters: {
        secretId: ARN,
        versionStage: 'AWSCURRENT',
        moveToVersionId: VERSION,
        removeFromVersionId: 'old',
      },
      responseElements: { arn: ARN, name: 'mySecret' },
    }),
    { kind: 'moved', secret: SECRET, moves: CURRENT_MOVED },
  ],
  'UpdateSecretVersionStage that takes a label away': [
    apiCall('UpdateSecretVersionStage', {
      requestParameters: { secretId: ARN, versionStage: 'blue', removeFromVersionId: VERSION },
      responseElements: { arn: ARN, name: 'mySecret' },
    }),
    { kind: 'moved', secret: SECRET, moves: [{ stage: 'blue', versionId: undefined }] },
  ],
  DeleteSecret: [deleteSecret(), { kind: 'deleted', secret: SECRET, moves: [] }],
  'DeleteSecret of before February 2024 spells it aRN': [
    deleteSecret({ responseElements: { name: 'mySecret', aRN: ARN } }),
    { kind: 'deleted', secret: SECRET, moves: [] },
  ],
  TagResource: [tagCall('TagResource'), { kind: 'tagged', secret: TYPED, moves: [] }],
  UntagResource: [tagCall('UntagResource'), { kind: 'tagged', secret: TYPED, moves: [] }],
  RestoreSecret: [restoreSecret(), { kind: 'restored', secret: SECRET, moves: [] }],
  'without an answer, an ARN that was typed counts, and its last six characters may be part of the name': [
    restoreSecret({ requestParameters: { secretId: ARN }, responseElements: null }),
    {
      kind: 'restored',
      secret: { ...SECRET, names: ['mySecret', 'mySecret-a1b2c3'] },
      moves: [],
    },
  ],
  'a partial ARN that was typed is no full one, and its account and region are its own': [
    restoreSecret({ requestParameters: { secretId: PARTIAL }, responseElements: null }),
    {
      kind: 'restored',
      secret: { arn: undefined, names: ['team/db'], account: ACCOUNT, region: 'eu-west-1' },
      moves: [],
    },
  ],
  "CloudTrail's events in China have another detail type": [
    { ...deleteSecret(), 'detail-type': 'Amazon API Call via CloudTrail' },
    { kind: 'deleted', secret: SECRET, moves: [] },
  ],
  RotationSucceeded: [
    serviceEvent('RotationSucceeded'),
    { kind: 'rotationSucceeded', secret: TYPED, moves: CURRENT_MAY_HAVE_MOVED },
  ],
  RotationFailed: [serviceEvent('RotationFailed'), { kind: 'rotationFailed', secret: TYPED, moves: [] }],
  'RotationAbandoned is a rotation that failed': [
    serviceEvent('RotationAbandoned'),
    { kind: 'rotationFailed', secret: TYPED, moves: [] },
  ],
};

const UNKNOWN: Readonly<Record<string, readonly [event: unknown, why: string]>> = {
  'an event of another service': [labelUpdated({}, { source: 'aws.ssm' }), 'its source is not aws.secretsmanager'],
  'an event that somebody sends by hand': [
    labelUpdated({}, { source: 'my.app' }),
    'its source is not aws.secretsmanager',
  ],
  'a detail type that is not known': [
    labelUpdated({}, { 'detail-type': 'Secret Rotated In Some New Way' }),
    'its detail type is not one that tells of a change',
  ],
  'a call that failed': [
    deleteSecret({ errorCode: 'AccessDenied', errorMessage: 'no', responseElements: null }),
    'it tells of a call that failed',
  ],
  'a call that changes no value': [
    apiCall('PutResourcePolicy', { requestParameters: { secretId: 'mySecret' } }),
    'it tells of a call that changes no value',
  ],
  'the call that only starts a rotation': [
    apiCall('RotateSecret', { requestParameters: { secretId: 'mySecret' }, responseElements: { arn: ARN } }),
    'it tells of a call that changes no value',
  ],
  'a service event that changes no value': [
    serviceEvent('RotationStarted'),
    'it tells of a service event that changes no value',
  ],
};

const MALFORMED: Readonly<Record<string, readonly [body: string, why: string]>> = {
  'no JSON': ['canary-not-a-secret {', 'it is not JSON'],
  nothing: ['', 'it is not JSON'],
  'JSON that is no object': ['"canary-not-a-secret"', 'it is not an EventBridge event'],
  null: ['null', 'it is not an EventBridge event'],
  'an object that is no event': ['{"Type":"Notification","Message":"{}"}', 'it is not an EventBridge event'],
  'an event without an id': [JSON.stringify(labelUpdated({}, { id: undefined })), 'it is not an EventBridge event'],
  'an event without a detail': [JSON.stringify(labelUpdated({}, { detail: null })), 'it is not an EventBridge event'],
  'a native event without an ARN': [
    JSON.stringify(labelUpdated({}, { resources: [] })),
    'it has no ARN of a secret in resources',
  ],
  'a native event with the ARN of something else': [
    JSON.stringify(labelUpdated({}, { resources: ['arn:aws:sqs:us-west-2:123456789012:queue-a1b2c3'] })),
    'it has no ARN of a secret in resources',
  ],
  'a native event with a partial ARN': [
    JSON.stringify(labelUpdated({}, { resources: [PARTIAL] })),
    'it has no ARN of a secret in resources',
  ],
  'a native event without a label': [
    JSON.stringify(labelUpdated({ labelUpdated: '' })),
    'it has no detail.labelUpdated',
  ],
  'a call that names no secret': [
    JSON.stringify(deleteSecret({ requestParameters: null, responseElements: null })),
    'it names no secret',
  ],
  'a call with the ARN of something else': [
    JSON.stringify(deleteSecret({ requestParameters: { secretId: 'arn:aws:s3:::bucket' }, responseElements: null })),
    'the ARN in it is not the ARN of a secret',
  ],
  'a call that names a secret of no account': [
    JSON.stringify({ ...deleteSecret({ responseElements: null }), account: 'me' }),
    'it names no secret of an account and a region',
  ],
  'a name that no secret can have': [
    JSON.stringify(deleteSecret({ requestParameters: { secretId: 'my secret\n' }, responseElements: null })),
    'it names no secret of an account and a region',
  ],
  'a move of no label': [
    JSON.stringify(apiCall('UpdateSecretVersionStage', { requestParameters: { secretId: 'mySecret' } })),
    'it has no detail.requestParameters.versionStage',
  ],
  'a service event that names no secret': [
    JSON.stringify(serviceEvent('RotationFailed', { additionalEventData: {} })),
    'it names no secret',
  ],
};

describe('decodeRotationEvent', () => {
  it.each(Object.entries(EVENTS))('an event: %s', (_sentence, [event, told]) => {
    const decoded = decodeRotationEvent(JSON.stringify(event));
    const atMs = JSON.stringify(event).includes('eventTime')
      ? Date.UTC(2026, 2, 1, 11, 59, 58)
      : Date.UTC(2026, 2, 1, 12);
    expect(decoded).toEqual({ kind: 'event', event: { ...told, id: 'e1b2c3d4-0000-4000-8000-000000000001', atMs } });
  });

  it.each(Object.entries(UNKNOWN))('unknown: %s', (_sentence, [event, why]) => {
    expect(decodeRotationEvent(JSON.stringify(event))).toEqual({ kind: 'unknown', why });
  });

  it.each(Object.entries(MALFORMED))('malformed: %s', (_sentence, [body, why]) => {
    expect(decodeRotationEvent(body)).toEqual({ kind: 'malformed', why });
  });

  it('reads a time that is none as no time', () => {
    expect(decodeRotationEvent(JSON.stringify(labelUpdated({}, { time: 'soon' })))).toMatchObject({
      event: { atMs: undefined },
    });
  });

  it('takes anything, and repeats nothing of what is not an event', () => {
    const why = new Set([...Object.values(UNKNOWN), ...Object.values(MALFORMED)].map(([, text]) => text));
    const samples = [...Object.values(EVENTS)].map(([event]) => event);
    const mutated = fc
      .tuple(fc.constantFrom(...samples), fc.string(), fc.jsonValue())
      .map(([sample, key, value]) =>
        JSON.stringify(sample).replace(
          /"(detail|resources|responseElements)":/,
          `"${key.replaceAll(/[\\"]/g, '')}":${JSON.stringify(value)},"$1":`,
        ),
      );
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), mutated), (body) => {
        const decoded = decodeRotationEvent(body);
        expect(decoded.kind === 'event' || why.has(decoded.why)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
