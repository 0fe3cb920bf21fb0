import { describe, expect, it } from 'vitest';
import { recreatedSecrets } from '../../../src/domain/recreated.ts';
import type { SyncRecord } from '../../../src/domain/situation.ts';
import { reference } from './manifests.ts';

const ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-';
const REF = reference({}, 'password');
const { id, identityKey, refId, field } = REF;

type Sources = Pick<SyncRecord, 'versions' | 'gone'>;

function read(arn: string, by = identityKey): Sources {
  return {
    versions: new Map([[id, { identityKey: by, refId, arn, versionId: 'v', createdAtMs: 1 }]]),
    gone: new Map(),
  };
}

function gone(arn?: string): Sources {
  return { versions: new Map(), gone: new Map([[id, { identityKey, refId, ...(arn !== undefined && { arn }) }]]) };
}

describe('a secret was made again', () => {
  it.each<[string, Sources | undefined, Sources, boolean]>([
    ['when its ARN is another one', read(`${ARN}AAAAAA`), read(`${ARN}BBBBBB`), true],
    ['when it was gone meanwhile, and its ARN is another one', gone(`${ARN}AAAAAA`), read(`${ARN}BBBBBB`), true],
    ['not when its ARN is the same', read(`${ARN}AAAAAA`), read(`${ARN}AAAAAA`), false],
    ['not when another identity has read the other', read(`${ARN}AAAAAA`, 'other'), read(`${ARN}BBBBBB`), false],
    ['not when nothing was known of it', undefined, read(`${ARN}BBBBBB`), false],
    ['not when it was never read before', gone(), read(`${ARN}BBBBBB`), false],
    ['not when it is what a search finds, which has no ARN', read(''), read(''), false],
    ['not when it is gone now', read(`${ARN}AAAAAA`), gone(`${ARN}AAAAAA`), false],
  ])('%s', (_, before, now, expected) => {
    const told = { field, before: `${ARN}AAAAAA`, now: `${ARN}BBBBBB` };
    expect(recreatedSecrets([REF, REF], before, now)).toEqual(expected ? [told] : []);
  });
});
