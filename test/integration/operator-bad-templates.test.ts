/** Templates that are wrong, poisoned or too large: each is told, harms nobody else, and keeps the last good Secret. */

import { afterAll, beforeAll, describe, it } from 'vitest';
import { type BadManifest, expectKeptThrough, type GoodSecret, goodSecret, nameFrom } from './bad-manifests.ts';
import type { Json } from './cluster-objects.ts';
import { startWorld, type World } from './operator-world.ts';
import { endFaultless } from './proxied-world.ts';

let world: World;
let namespace: string;
let good: GoodSecret;
/** A secret with `user`, `password` and `host`. */
let key: string;

beforeAll(async () => {
  world = await startWorld();
  namespace = await world.namespace('bad-templates');
  await world.store(namespace);
  good = await goodSecret(world);
  const values = { user: world.canary(), password: world.canary(), host: 'db.example.com' };
  ({ name: key } = await world.putSecret(values));
  await world.objects.apply('ConfigMap', namespace, 'texts', { data: { list: '- {{ .user }}', syntax: '{{ .user' } });
});

afterAll(() => endFaultless(world));

interface BadTemplate {
  readonly template: Json;
  readonly words: readonly string[];
}

const withTemplate = (template: Json): Json => ({ dataFrom: [{ extract: { key } }], target: { template } });

function badManifest({ template, words }: BadTemplate): BadManifest {
  return { spec: withTemplate(template), words };
}

const OF_DATA = 'could not update secret: spec.target.template: the template for "a" (spec.target.template.data)';

/** A template of a value. */
const value = (text: string, ...words: readonly string[]): BadTemplate => ({
  template: { data: { a: text } },
  words: [OF_DATA, ...words],
});

/** A template of keys and values. */
const literal = (text: string, ...words: readonly string[]): BadTemplate => ({
  template: { templateFrom: [{ literal: text }] },
  words: ['the template for "literal" (spec.target.template.templateFrom[0])', ...words],
});

const fromConfigMap = (item: Json, ...words: readonly string[]): BadTemplate => ({
  template: { templateFrom: [{ configMap: { name: 'texts', items: [item] } }] },
  words,
});

const key254 = 'k'.repeat(254);
const KEY_RULE = "a Secret's key has at most 253 letters, digits, '-', '.' and '_'";
const NO_KEY = `gives a key that cannot be used: ${KEY_RULE}`;
const LABEL_RULE = 'the key "a" is given what no label can hold: a label\'s value has at most 63 letters';
const LOOP = '{{ define "loop" }}{{ template "loop" }}{{ end }}{{ template "loop" }}';
const PAIR = '{{ define "x" }}{{ template "y" }}{{ end }}{{ define "y" }}{{ template "x" }}{{ end }}{{ template "x" }}';

const TEXTS: Readonly<Record<string, BadTemplate>> = {
  'that is cut off': value('{{ .user', 'does not parse at line 1: unclosed action'),
  'with a function that there is not': value('{{ nope .user }}', 'function "nope" not defined'),
  'of a key that was not fetched': value('{{ .nope }}', 'line 1, byte 3', 'map has no entry for key "nope"'),
  'of a name that JavaScript knows': value('{{ .constructor }}', 'map has no entry for key "constructor"'),
  'that fails in words of its own': value('{{ fail "no host" }}', 'error calling fail: no host'),
  'that fails with a value': value('{{ fail .user }}', 'the reason is not shown, because it may hold a secret value'),
  'with a bad regular expression': value('{{ mustRegexMatch "(" .user }}', 'invalid regular expression'),
  'with a regular expression made of a value': value('{{ mustRegexFind (print "(" .user) "x" }}', 'invalid regular'),
  'of JSON that is none': value('{{ mustFromJson .user }}', 'error calling mustFromJson: invalid JSON'),
  'of a certificate that is none': value('{{ certSANs .user }}', 'the certificate is not PEM'),
  'of a key store that is none': value('{{ pkcs12key .user }}', 'this is no PKCS#12 file'),
  'of a JWK that is none': value('{{ jwkPublicKeyPem .user }}', 'the JWK is not JSON'),
  'nested beyond all measure': value(`{{ ${'('.repeat(5000)}1${')'.repeat(5000)} }}`, 'max expression depth exceeded'),
  'with blocks beyond all measure': value('{{ if 1 }}'.repeat(2000), 'exceeded the limit of 400 nested blocks'),
};

const POISONS: Readonly<Record<string, BadTemplate>> = {
  'that calls itself': value(LOOP, 'exceeded maximum template depth (100)'),
  'two of which call each other': value(PAIR, 'exceeded maximum template depth (100)'),
  'of 10 MB at once': value('{{ repeat 10000000 "x" }}', 'exceeded the limit of 4194304 bytes'),
  'of 10 MB in parts': value('{{ range 1000 }}{{ repeat 10000 "x" }}{{ end }}', 'exceeded the limit of 4194304 bytes'),
  'that doubles a value': value('{{ $x := .user }}{{ range 60 }}{{ $x = print $x $x }}{{ end }}', 'exceeded the limit'),
  'that doubles a list': value(
    '{{ $x := list 1 }}{{ range 60 }}{{ $x = concat $x $x }}{{ end }}',
    'exceeded the limit',
  ),
  'with a range that does not end': value(
    '{{ range until 100000000 }}{{ end }}',
    'exceeded the limit of 1000000 steps',
  ),
  'with a range in a range': value(
    '{{ range 100000 }}{{ range 100000 }}{{ end }}{{ end }}',
    'exceeded the limit of 1000000 steps',
  ),
};

const MAPS: Readonly<Record<string, BadTemplate>> = {
  'that gives a list': literal('- {{ .user }}', 'gives no YAML map of keys and values: it is no map'),
  'that gives a text': literal('{{ .user }}', 'it is no map'),
  'with a map in it': literal('ok: x\na: {b: "{{ .user }}"}', 'line 2: a value is a list or a map'),
  'with a key that is a list': literal('? ["{{ .user }}"]\n: x', 'a key is no text; put keys in quotes'),
  'with a key that is null': literal('null: "{{ .user }}"', 'a key is no text; put keys in quotes'),
  'with a tab': literal('a:\n\tb: {{ .user }}', 'line 2: found character that cannot start any token'),
  'with an alias of nothing': literal('a: *{{ .user }}', 'an alias has no anchor'),
  'with a billion laughs': literal(
    'a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b]',
    'a value is a list or a map',
  ),
  'with values that are no base64': {
    template: { templateFrom: [{ literal: 'a: "{{ .user }}!"', valuesDecodingStrategy: 'Base64' }] },
    words: ['the value of the key "a" is not Base64'],
  },
  'of a ConfigMap that gives a list': fromConfigMap(
    { key: 'list', templateAs: 'KeysAndValues' },
    'the template for "list" (spec.target.template.templateFrom[0].configMap "texts") gives no YAML map',
  ),
  'of a ConfigMap that does not parse': fromConfigMap({ key: 'syntax' }, 'the template for "syntax"', 'does not parse'),
  'of a ConfigMap without that key': fromConfigMap({ key: 'nope' }, 'ConfigMap "texts" has no key "nope"; create it'),
  'for a part that a Secret does not have': {
    template: { templateFrom: [{ literal: 'a: b', target: 'Spec' }] },
    words: [
      'spec.target.template.templateFrom[0].target "Spec" is no part of a Secret; use Data, Annotations or Labels',
    ],
  },
};

const KEYS: Readonly<Record<string, BadTemplate>> = {
  'a slash': { template: { data: { 'a/b': 'x' } }, words: ['the key "a/b" cannot be used', 'character "/"'] },
  'an emoji': {
    template: { data: { '😀': 'x' } },
    words: ['the key "😀" cannot be used', "only letters, digits, '-'"],
  },
  'a NUL byte': { template: { data: { 'a\0b': 'x' } }, words: ['the key "a\\u0000b" cannot be used'] },
  nothing: { template: { data: { '': 'x' } }, words: ['the key "" cannot be used: a key is empty'] },
  'two dots': { template: { data: { '..': 'x' } }, words: ['the key ".." is reserved'] },
  '254 bytes': { template: { data: { [key254]: 'x' } }, words: ['has 254 bytes', 'at most 253'] },
  'a rendered slash': literal('"a/{{ .user }}": x', NO_KEY),
  'a rendered emoji': literal('"😀": {{ .user }}', NO_KEY),
  'a rendered NUL byte': literal('"a\\0b": {{ .user }}', NO_KEY),
  '254 rendered bytes': literal('{{ repeat 254 "k" }}: {{ .user }}', NO_KEY),
};

const METADATA: Readonly<Record<string, BadTemplate>> = {
  'a label of 64 characters': { template: { metadata: { labels: { a: '{{ repeat 64 "x" }}' } } }, words: [LABEL_RULE] },
  'a label with an emoji': { template: { metadata: { labels: { a: '😀' } } }, words: [LABEL_RULE] },
  'a label with a value and more': { template: { metadata: { labels: { a: '{{ .user }}!' } } }, words: [LABEL_RULE] },
  'a label whose key is too long': {
    template: { metadata: { labels: { ['k'.repeat(64)]: 'x' } } },
    words: ['spec.target.template.metadata.labels: the key "kkkk', 'such a key has at most 63 letters'],
  },
  'an annotation whose key is none': {
    template: { metadata: { annotations: { 'a/b/c': 'x' } } },
    words: ['spec.target.template.metadata.annotations: the key "a/b/c" cannot be used'],
  },
  'annotations of more than 256 KiB': {
    template: { metadata: { annotations: { a: '{{ repeat 270000 "x" }}' } } },
    words: ['metadata.annotations FieldValueTooLong (annotations have at most 262144 bytes in all)'],
  },
  'a finalizer that is none': {
    template: { metadata: { finalizers: ['Bad!'] } },
    words: ['metadata.finalizers[0] FieldValueInvalid (a finalizer is a domain, "/" and a name)'],
  },
  'another type': {
    template: { type: 'kubernetes.io/tls' },
    words: ['type FieldValueInvalid (the type of a Secret cannot be changed: delete it, and it will be made anew)'],
  },
  'a type that lets nodes join': {
    template: { type: 'bootstrap.kubernetes.io/token' },
    words: ['bootstrap.kubernetes.io/token would let nodes join the cluster; choose another type'],
  },
  'a type that asks for a token': {
    template: {
      type: 'kubernetes.io/service-account-token',
      metadata: { annotations: { 'kubernetes.io/service-account.name': 'x' } },
    },
    words: ['together with the annotation kubernetes.io/service-account.name; remove one of the two'],
  },
};

const SIZES: Readonly<Record<string, BadTemplate>> = {
  'one value of a byte too many': {
    template: { data: { a: '{{ repeat 1048577 "x" }}' } },
    words: ['data FieldValueTooLong (a Secret holds at most 1048576 bytes of data)'],
  },
  'a thousand keys of 1,100 bytes': {
    template: {
      templateFrom: [{ literal: '{{ range $i, $_ := until 1000 }}k{{ $i }}: {{ repeat 1100 "x" }}\n{{ end }}' }],
    },
    words: ['data FieldValueTooLong (a Secret holds at most 1048576 bytes of data)'],
  },
  'more than a request may have': {
    template: { data: Object.fromEntries(['a', 'b', 'c'].map((name) => [name, '{{ repeat 1000000 "x" }}'])) },
    words: ['a Secret holds at most 1048576 bytes of data'],
  },
  'names of keys beyond what etcd takes': {
    template: {
      templateFrom: [{ literal: '{{ range $i, $_ := until 8000 }}k{{ $i }}-{{ repeat 240 "k" }}: x\n{{ end }}' }],
    },
    words: ['the store of the cluster takes no object so large', 'give it fewer, shorter or smaller keys'],
  },
};

const GROUPS: Readonly<Record<string, Readonly<Record<string, BadTemplate>>>> = {
  'a template': TEXTS,
  'a poisoned template': POISONS,
  'a template of keys and values': MAPS,
  'a key that has': KEYS,
  'a template with': METADATA,
  'a target with': SIZES,
};

describe.each(Object.entries(GROUPS))('%s', (group, cases) => {
  it.concurrent.each(Object.entries(cases))('%s', async (sentence, bad) => {
    await expectKeptThrough(world, namespace, nameFrom(`${group} ${sentence}`), good, badManifest(bad));
  });
});
