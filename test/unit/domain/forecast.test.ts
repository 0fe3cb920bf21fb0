import { describe, expect, test } from 'vitest';
import {
  type ClusterForecast,
  countsOf,
  type Forecast,
  type OutcomeKind,
  outcomeOf,
  type PlanReport,
  verdictOf,
} from '../../../src/domain/forecast.ts';
import { mayPass } from '../../../src/domain/passing-failure.ts';
import type { SecretPatch } from '../../../src/ports/cluster.ts';
import {
  AccessDenied,
  ClusterConflict,
  ClusterForbidden,
  ClusterRejected,
  InvalidSpec,
  SecretNotFound,
  SourceUnavailable,
  Throttled,
} from '../../../src/ports/errors.ts';
import { SecretValue } from '../../../src/ports/secret-value.ts';
import type { WouldBeWrite } from '../../../src/ports/would-be-write.ts';
import { externalSecret, writtenTarget } from './manifests.ts';

const forecast = (kind: OutcomeKind, name = 'app'): Forecast => ({ namespace: 'team', name, kind });
const QUIET: PlanReport = {
  externalSecrets: [forecast('nothing'), forecast('left')],
  stores: [],
  clusterExternalSecrets: [],
  releases: [],
  notFollowed: [],
};
const cluster = (parts: Partial<ClusterForecast>): Partial<PlanReport> => ({
  clusterExternalSecrets: [{ name: 'all', create: [], update: [], delete: [], taken: [], ...parts }],
});

describe('the verdict', () => {
  test.each<[string, Partial<PlanReport>, string]>([
    ['nothing, and what is left', {}, 'unchanged'],
    ['no ExternalSecret at all', { externalSecrets: [] }, 'unchanged'],
    ['a ClusterExternalSecret with nothing to do', cluster({ taken: ['team'] }), 'unchanged'],
    ...(['create', 'change', 'metadata', 'delete', 'release', 'refused'] as const).map(
      (kind): [string, Partial<PlanReport>, string] => [
        kind,
        { externalSecrets: [forecast('nothing'), forecast(kind)] },
        'changes',
      ],
    ),
    ['a ClusterExternalSecret that makes one', cluster({ create: ['team'] }), 'changes'],
    ['a ClusterExternalSecret that changes one', cluster({ update: ['team'] }), 'changes'],
    ['a ClusterExternalSecret that deletes one', cluster({ delete: ['team'] }), 'changes'],
    ['a ClusterExternalSecret that cannot work', cluster({ refused: 'why' }), 'changes'],
    ['an object that hangs in deletion', { releases: ['Namespace old'] }, 'changes'],
    ['one that is unknown among changes', { externalSecrets: [forecast('change'), forecast('unknown')] }, 'unknown'],
  ])('%s: %s', (_, parts, verdict) => {
    expect(verdictOf({ ...QUIET, ...parts })).toBe(verdict);
  });
});

test('outcomes are counted', () => {
  expect(countsOf(QUIET)).toMatchObject({ nothing: 1, left: 1, create: 0, unknown: 0 });
});

describe('an error', () => {
  test.each([new Throttled(''), new SourceUnavailable(''), new ClusterForbidden(''), new ClusterConflict('')])(
    'that says nothing of the object leaves it unknown: %s',
    (error) => {
      expect(mayPass(error)).toBe(true);
    },
  );

  test.each([new AccessDenied(''), new SecretNotFound(''), new InvalidSpec(''), new ClusterRejected('')])(
    'that the condition would tell is an answer: %s',
    (error) => {
      expect(mayPass(error)).toBe(false);
    },
  );
});

describe('the outcome of writes', () => {
  const target = writtenTarget(externalSecret());
  const value = new Map([['a', SecretValue.fromText('1')]]);
  const present = { metadata: target, data: value, isImmutable: false };
  const patch: SecretPatch = { labels: {}, annotations: {}, controller: undefined, data: value, removedDataKeys: [] };
  const { namespace, name, labels, annotations } = target;
  const create: WouldBeWrite = {
    kind: 'create',
    secret: { namespace, name, type: 'Opaque', labels, annotations, controller: undefined, data: value },
  };
  const orphan: WouldBeWrite = { kind: 'delete', target: { ...target, name: 'before' } };

  test.each<[string, readonly WouldBeWrite[], string]>([
    ['none', [], 'nothing'],
    ['one that makes it', [create], 'create'],
    [
      'a patch of data',
      [
        {
          kind: 'patch',
          present,
          patch: { ...patch, removedDataKeys: [], data: new Map([['b', SecretValue.fromText('2')]]) },
        },
      ],
      'change',
    ],
    ['a patch of metadata', [{ kind: 'patch', present, patch: { ...patch, annotations: { a: 'b' } } }], 'metadata'],
    ['a patch that changes nothing', [{ kind: 'patch', present, patch }], 'nothing'],
    ['a deletion', [{ kind: 'delete', target }], 'delete'],
    ['a deletion of what had its name before', [orphan], 'delete'],
  ])('%s', (_, writes, kind) => {
    expect(outcomeOf(writes, 'app', () => '#').kind).toBe(kind);
  });

  test('names what had its name before beside what becomes of it', () => {
    expect(outcomeOf([create, orphan], 'app', () => '#')).toMatchObject({ kind: 'create', orphans: ['before'] });
  });
});
