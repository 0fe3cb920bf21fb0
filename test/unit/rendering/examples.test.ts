/** What users write, from `spec.target.template` to the target, through the real engine in its process. */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import type { SecretTemplate } from '../../../src/api/secret-template.ts';
import { type RenderedTarget, renderedTarget } from '../../../src/domain/render.ts';
import { renderJobs } from '../../../src/domain/render-plan.ts';
import { missingTemplates, type TemplateSources } from '../../../src/domain/template-sources.ts';
import { systemClock } from '../../../src/loop/system-clock.ts';
import { type SecretData, SecretValue } from '../../../src/ports/secret-value.ts';
import { createRenderer } from '../../../src/rendering/renderer.ts';

const renderer = createRenderer({ clock: systemClock });
afterAll(() => renderer.close());

type Texts = Readonly<Record<string, string>>;

function values(texts: Texts): SecretData {
  return new Map(Object.entries(texts).map(([key, text]) => [key, SecretValue.fromText(text)]));
}

async function target(
  template: SecretTemplate,
  fetched: SecretData,
  sources: TemplateSources = new Map(),
): Promise<RenderedTarget> {
  expect(missingTemplates(template, sources)).toEqual([]);
  const jobs = renderJobs(template, sources);
  const results = await renderer.render(
    { subject: 'app', templates: jobs, data: fetched },
    new AbortController().signal,
  );
  return renderedTarget(template, fetched, jobs, results);
}

function texts({ data }: RenderedTarget): Texts {
  return Object.fromEntries(Array.from(data, ([key, value]) => [key, value.revealText()]));
}

test('a database URL, with what a password must not hold in one escaped', async () => {
  const data = { url: 'postgres://{{ .user }}:{{ .password | urlquery }}@{{ .host }}:5432/app?sslmode=require' };
  const fetched = values({ user: 'app', password: 'p@ss/w:rd', host: 'db.example.com' });
  expect(texts(await target({ data, engineVersion: 'v2' }, fetched))).toEqual({
    url: 'postgres://app:p%40ss%2Fw%3Ard@db.example.com:5432/app?sslmode=require',
  });
});

test('credentials of a registry', async () => {
  const template: SecretTemplate = {
    type: 'kubernetes.io/dockerconfigjson',
    data: {
      '.dockerconfigjson':
        '{"auths":{"{{ .registry }}":{"username":"{{ .user }}","password":"{{ .password }}",' +
        '"auth":"{{ printf "%s:%s" .user .password | b64enc }}"}}}',
    },
  };
  const fetched = values({ registry: 'registry.example.com', user: 'ci', password: 'hunter2' });
  const result = await target(template, fetched);
  expect(result.type).toBe('kubernetes.io/dockerconfigjson');
  expect(JSON.parse(texts(result)['.dockerconfigjson'] ?? '')).toEqual({
    auths: { 'registry.example.com': { username: 'ci', password: 'hunter2', auth: 'Y2k6aHVudGVyMg==' } },
  });
});

test('a TLS pair out of a PKCS#12 file with a password', async () => {
  const made = await target(
    {
      templateFrom: [
        {
          literal:
            '{{ $c := genSelfSignedCert "app.example.com" (list) (list "app.example.com") 30 }}' +
            'pfx: {{ pemToPkcs12Pass $c.Cert $c.Key .password }}',
          valuesDecodingStrategy: 'Base64',
        },
      ],
    },
    values({ password: 'changeit' }),
  );
  const fetched = new Map([...made.data, ...values({ password: 'changeit' })]);
  const template: SecretTemplate = {
    type: 'kubernetes.io/tls',
    data: {
      'tls.crt': '{{ pkcs12certPass .password .pfx }}',
      'tls.key': '{{ pkcs12keyPass .password .pfx }}',
    },
  };
  const pair = texts(await target(template, fetched));
  const certificate = new X509Certificate(pair['tls.crt'] ?? '');
  expect(certificate.subjectAltName).toBe('DNS:app.example.com');
  expect(certificate.checkPrivateKey(createPrivateKey(pair['tls.key'] ?? ''))).toBe(true);
});

test('an .env file with all that was fetched, in the order of the keys', async () => {
  const data = { '.env': '{{ range $key, $value := . }}{{ $key | upper }}={{ $value | quote }}\n{{ end }}' };
  const fetched = values({ user: 'app', db_password: 'a "b"' });
  expect(texts(await target({ data }, fetched))).toEqual({ '.env': 'DB_PASSWORD="a \\"b\\""\nUSER="app"\n' });
});

test('Java properties from a ConfigMap, beside what was fetched', async () => {
  const properties = 'spring.datasource.username={{ .user }}\nspring.datasource.password={{ .password }}\n';
  const sources: TemplateSources = new Map([
    ['ConfigMap/app', { resourceVersion: '1', data: values({ 'application.properties': properties }) }],
  ]);
  const template: SecretTemplate = {
    mergePolicy: 'Merge',
    templateFrom: [{ configMap: { name: 'app', items: [{ key: 'application.properties' }] } }],
  };
  expect(texts(await target(template, values({ user: 'app', password: 'hunter2' }), sources))).toEqual({
    user: 'app',
    password: 'hunter2',
    'application.properties': 'spring.datasource.username=app\nspring.datasource.password=hunter2\n',
  });
});

test('keys and values of one template, from a Secret, over those of a literal', async () => {
  const sources: TemplateSources = new Map([
    ['Secret/app', { resourceVersion: '1', data: values({ all: 'user: "{{ .user }}"\npin: 0123\n' }) }],
  ]);
  const template: SecretTemplate = {
    templateFrom: [
      { literal: '{{ range $k, $v := . }}{{ $k }}: {{ $v | quote }}\n{{ end }}pin: "0123"\n' },
      { secret: { name: 'app', items: [{ key: 'all', templateAs: 'KeysAndValues' }] } },
    ],
  };
  expect(texts(await target(template, values({ user: 'app', host: 'db' }), sources))).toEqual({
    user: 'app',
    host: 'db',
    pin: '83',
  });
});

test('labels and annotations', async () => {
  const template: SecretTemplate = {
    metadata: {
      labels: { 'argocd.argoproj.io/secret-type': 'cluster', tier: '{{ .tier | lower }}' },
      annotations: { 'example.com/expires': '{{ .expires | trunc 10 }}' },
    },
    templateFrom: [
      { target: 'Labels', literal: 'owner: {{ .owner }}\ntier: lost\n' },
      { target: 'Annotations', literal: 'example.com/contact: "{{ .owner }} <team@example.com>"\n' },
    ],
    data: { config: '{"bearerToken": {{ .token | toJson }}}' },
  };
  const fetched = values({ tier: 'GOLD', owner: 'payments', expires: '2030-01-02T03:04:05Z', token: 'a"b' });
  const result = await target(template, fetched);
  expect(result.labels).toEqual({ 'argocd.argoproj.io/secret-type': 'cluster', tier: 'gold', owner: 'payments' });
  expect(result.annotations).toEqual({
    'example.com/expires': '2030-01-02',
    'example.com/contact': 'payments <team@example.com>',
  });
  expect(texts(result)).toEqual({ config: '{"bearerToken": "a\\"b"}' });
});
