import { describe, expect, test } from 'vitest';
import { neededKeys, secretUses } from '../../../src/domain/secret-use.ts';
import { readPodSecrets } from '../../../src/kube/pod-secrets.ts';

/** `db: env,files`, of what the spec of a pod says. */
function uses(spec: object): readonly string[] {
  return Array.from(secretUses(readPodSecrets(spec)), ([name, how]) => `${name}: ${[...how].sort().join()}`).sort();
}

const mount = { name: 'v', mountPath: '/v' };
const subPath = { ...mount, subPath: 'password' };
const db = { secretRef: { name: 'db' } };

function mounted(volume: object, ...mounts: readonly object[]): object {
  return { containers: [{ volumeMounts: mounts }], volumes: [{ name: 'v', ...volume }] };
}

describe('a Secret that a pod uses', () => {
  test.each<readonly [string, object, readonly string[]]>([
    [
      'a variable',
      { containers: [{ env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'db', key: 'a' } } }] }] },
      ['db: env'],
    ],
    ['all variables', { containers: [{ envFrom: [db] }] }, ['db: env']],
    ['an init container', { initContainers: [{ envFrom: [db] }], containers: [{}] }, ['db: env']],
    ['an ephemeral container', { ephemeralContainers: [{ envFrom: [db] }] }, ['db: env']],
    ['a volume', mounted({ secret: { secretName: 'db' } }, mount), ['db: files']],
    ['a volume that nothing mounts', mounted({ secret: { secretName: 'db' } }), ['db: files']],
    ['a subPath', mounted({ secret: { secretName: 'db' } }, subPath), ['db: start']],
    [
      'a subPath with variables in it',
      mounted({ secret: { secretName: 'db' } }, { ...mount, subPathExpr: '$(A)' }),
      ['db: start'],
    ],
    ['a volume and a subPath of it', mounted({ secret: { secretName: 'db' } }, mount, subPath), ['db: files,start']],
    [
      'files of an init container, which makes something of them',
      { ...mounted({ secret: { secretName: 'db' } }), initContainers: [{ volumeMounts: [mount] }] },
      ['db: start'],
    ],
    [
      'files of an init container and of others',
      { ...mounted({ secret: { secretName: 'db' } }, mount), initContainers: [{ volumeMounts: [mount] }] },
      ['db: files,start'],
    ],
    [
      'files of a sidecar',
      {
        ...mounted({ secret: { secretName: 'db' } }),
        initContainers: [{ restartPolicy: 'Always', volumeMounts: [mount] }],
      },
      ['db: files'],
    ],
    [
      'a projected volume',
      mounted(
        {
          projected: {
            sources: [{ secret: { name: 'db' } }, { configMap: { name: 'x' } }, { secret: { name: 'ca' } }],
          },
        },
        mount,
      ),
      ['ca: files', 'db: files'],
    ],
    [
      'what a storage plugin is given',
      mounted({ csi: { driver: 'd', nodePublishSecretRef: { name: 'db' } } }, mount),
      ['db: start'],
    ],
    [
      'what an older plugin is given',
      mounted({ azureFile: { secretName: 'db', shareName: 's' } }, mount),
      ['db: start'],
    ],
    ['imagePullSecrets', { imagePullSecrets: [{ name: 'db' }] }, ['db: image']],
    ['several', { containers: [{ envFrom: [db] }], imagePullSecrets: [{ name: 'db' }] }, ['db: env,image']],
    [
      'nothing of it',
      { containers: [{ envFrom: [{ configMapRef: { name: 'db' } }] }], volumes: [{ name: 'v', emptyDir: {} }] },
      [],
    ],
    ['what makes no sense', { containers: 'x', volumes: [null, 7], imagePullSecrets: [{}] }, []],
  ])('%s', (_, spec, expected) => {
    expect(uses(spec)).toEqual(expected);
  });
});

describe('keys that a pod needs of a Secret', () => {
  const items = [
    { key: 'a', path: 'a' },
    { key: 'b', path: 'b' },
  ];
  test.each<readonly [string, object, readonly string[]]>([
    ['a volume with items', mounted({ secret: { secretName: 'db', items } }), ['a', 'b']],
    [
      'a projected volume with items',
      mounted({ projected: { sources: [{ secret: { name: 'db', items } }] } }),
      ['a', 'b'],
    ],
    ['an optional volume', mounted({ secret: { secretName: 'db', items, optional: true } }), []],
    ['a volume with all keys', mounted({ secret: { secretName: 'db' } }), []],
    ['a volume of another Secret', mounted({ secret: { secretName: 'ca', items } }), []],
  ])('%s', (_, spec, expected) => {
    expect(neededKeys(readPodSecrets(spec), 'db')).toEqual(expected);
  });
});
