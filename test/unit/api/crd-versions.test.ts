import { describe, expect, it, test } from 'vitest';
import { CRDS, crdOf, nodeAt, nodesOf, rootOf } from './schema-node.ts';

const KINDS = CRDS.filter((crd) => crd.spec.group === 'external-secrets.io').map((crd) => crd.spec.names.kind);
const RESOURCE_NAME = {
  minLength: 1,
  maxLength: 253,
  pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
};
const NAMESPACE = { minLength: 1, maxLength: 63, pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' };
const DEFAULTED = [...nodesOf(rootOf('ClusterExternalSecret'))].flatMap(([path, node]) =>
  'default' in node && !path.startsWith('status') ? [path] : [],
);

describe('versions, and what ClusterExternalSecret is made of', () => {
  test.each(KINDS)('the two versions of %s differ in name and warning only, so that nothing is converted', (kind) => {
    const [now, old] = crdOf(kind).spec.versions;
    expect(now).toMatchObject({ name: 'v1', served: true, storage: true, subresources: { status: {} } });
    expect(now).not.toHaveProperty('deprecated');
    expect(crdOf(kind).spec.versions).toHaveLength(2);
    expect(old).toEqual({
      ...now,
      name: 'v1beta1',
      storage: false,
      deprecated: true,
      deprecationWarning: expect.stringContaining(`v1beta1 ${kind} is deprecated`),
    });
  });

  it('kinds of our own are served in one version', () => {
    const own = CRDS.filter((crd) => crd.spec.group === 'keyturn.dev');
    expect(own.map((crd) => crd.spec.versions.map(({ name }) => name))).toEqual([['v1alpha1'], ['v1alpha1']]);
  });

  it('a ClusterExternalSecret takes the spec of an ExternalSecret, defaults included', () => {
    const { description: _ours, ...embedded } = nodeAt('ClusterExternalSecret', 'spec.externalSecretSpec');
    const { description: _theirs, ...whole } = nodeAt('ExternalSecret', 'spec');
    expect(embedded).toEqual(whole);
    expect(rootOf('ClusterExternalSecret')).toMatchObject({
      properties: {
        spec: {
          required: ['externalSecretSpec'],
          properties: {
            externalSecretName: RESOURCE_NAME,
            namespaces: { items: NAMESPACE },
            refreshTime: { type: 'string' },
          },
        },
        status: { properties: { failedNamespaces: { items: { required: ['namespace'] } } } },
      },
    });
    expect(DEFAULTED.every((path) => path.startsWith('spec.externalSecretSpec.'))).toBe(true);
  });

  it('ClusterExternalSecret has the columns of upstream, in that order', () => {
    expect(
      crdOf('ClusterExternalSecret').spec.versions.map((version) =>
        version.additionalPrinterColumns.map(({ name, type, jsonPath }) => [name, type, jsonPath]),
      )[0],
    ).toEqual([
      ['Store', 'string', '.spec.externalSecretSpec.secretStoreRef.name'],
      ['Refresh Interval', 'string', '.spec.refreshTime'],
      ['Ready', 'string', '.status.conditions[?(@.type=="Ready")].status'],
    ]);
  });
});
