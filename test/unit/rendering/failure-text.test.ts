/** What may be told of a failure: Go's reason, unless anything of the data is in it. */

import { describe, expect, test } from 'vitest';
import { failureText } from '../../../src/rendering/failure-text.ts';
import { serveRequest } from '../../../src/rendering/render-request.ts';

const DATA: Readonly<Record<string, string>> = {
  password: 'canary-hunter2',
  pin: '1234',
  short: 'ab',
  json: '{"user":"canary-user","port":"x"}',
  lines: 'first-line-of-canary\nsecond-line-of-canary\n',
  when: 'not-a-date-canary',
};

interface Asked {
  readonly as?: 'value' | 'map';
  readonly isSecret?: boolean;
  readonly data?: Readonly<Record<string, string>>;
}

function message(source: string, { as = 'value', isSecret = false, data = DATA }: Asked = {}): string {
  const reply = serveRequest(
    {
      templates: [{ name: 'url', field: 'F', isSecret, as }],
      keys: Object.keys(data),
      parts: [...Object.values(data), source].map((text) => Buffer.from(text)),
    },
    () => undefined,
  );
  return reply.kind === 'failed' ? `${reply.when}: ${reply.message}` : 'no failure';
}

const LABEL = 'the template for "url" (F)';
const WITHHELD = 'the reason is not shown, because it may hold a secret value';

describe('the reason is told', () => {
  test.each(
    Object.entries<readonly [source: string, message: string]>({
      'when the template does not parse': [
        'a\n{{ if }}',
        `parse: ${LABEL} does not parse at line 2: missing value for if`,
      ],
      'when a function does not exist': [
        '{{ nope .password }}',
        `parse: ${LABEL} does not parse at line 1: function "nope" not defined`,
      ],
      'when a key does not exist': [
        'x {{ .nope }}',
        `run: ${LABEL} failed at line 1, byte 5: at <.nope>: map has no entry for key "nope"`,
      ],
      'when the template itself says why it fails': [
        '{{ if not .short | or true }}{{ fail "set a password" }}{{ end }}',
        `run: ${LABEL} failed at line 1, byte 32: at <fail "set a password">: error calling fail: set a password`,
      ],
      'when a limit is exceeded': [
        '{{ range 9223372036854775807 }}{{ end }}',
        `run: ${LABEL} failed at line 1, byte 9: at <9223372036854775807>: exceeded the limit of 1000000 steps`,
      ],
    }),
  )('%s', (_sentence, [source, expected]) => {
    expect(message(source)).toBe(expected);
  });
});

describe('only the place is told', () => {
  test.each(
    Object.entries<readonly [source: string, asked?: Asked]>({
      'when fail is given a value': ['{{ fail .password }}'],
      'when fail is given a short value': ['{{ fail .pin }}'],
      'when fail is given a value of three bytes': ['{{ fail .short }}'],
      'when fail is given a part of a value': ['{{ fail (trunc 3 .password) }}'],
      'when fail is given a letter of a value': ['{{ fail (trunc 1 .password) }}'],
      'when fail is given a value in another form': ['{{ fail (b64enc .password) }}'],
      'when fail is given a value backwards': ['{{ fail (regexReplaceAll "(.)(.)" .password "$2$1") }}'],
      'when fail is given a value in a text': ['{{ fail (printf "bad password %s" .password) }}'],
      'when fail is given a member of JSON': ['{{ fail (get (fromJson .json) "user") }}'],
      'when fail is given one line': ['{{ range splitList "\\n" .lines }}{{ fail . }}{{ end }}'],
      'when the reason is a value that stands in the template, too': ['{{ .canary }}', { data: { a: 'canary' } }],
      'when the template is kept in a Secret and does not parse': ['{{ nope "canary" }}', { isSecret: true }],
      'when the template is kept in a Secret and fails': ['{{ index (list) 7 }}', { isSecret: true }],
    }),
  )('%s', (_sentence, [source, asked]) => {
    const told = message(source, asked);
    expect(told).toMatch(/^(run|parse): the template for "url" \(F\) (failed|does not parse) at line 1(, byte \d+)?: /);
    expect(told.endsWith(`: ${WITHHELD}`)).toBe(true);
  });
});

describe('a result that is no YAML map tells at most a line of it', () => {
  test.each(
    Object.entries<readonly [source: string, reason: string]>({
      'a text': ['{{ .password }}', 'it is no map'],
      'an alias of nothing': [
        'a: *{{ .password }}',
        'an alias has no anchor; put values that begin with "*" in quotes',
      ],
      'a value with a colon': ['a: {{ .password }}: b', 'mapping values are not allowed in this context'],
      'a list': ['a: 1\n{{ .password }}: [1]', 'line 2: a value is a list or a map, and only text can be'],
    }),
  )('%s', (_sentence, [source, reason]) => {
    const told = message(source, { as: 'map' });
    expect(told).toBe(`run: ${LABEL} gives no YAML map of keys and values: ${reason}`);
  });
});

test('a piece of a value is found in any reason', () => {
  const suspect = { name: 'url', field: 'F', isSecret: false, as: 'value', source: '{{ f .lines }}' } as const;
  const data = [Buffer.from('first-line\nsecond-line-of-canary\n')];
  const go = (reason: string) => `template: url:1:3: executing "url" at <f .lines>: error calling f: ${reason}`;
  const told = (reason: string) => failureText(go(reason), 'failed', { ...suspect, data });
  expect(told('bad input line-of-canary')).toBe(`${LABEL} failed at line 1, byte 3: ${WITHHELD}`);
  expect(told('bad input "x"')).toBe(
    `${LABEL} failed at line 1, byte 3: at <f .lines>: error calling f: bad input "x"`,
  );
  expect(told('x'.repeat(400))).toContain(WITHHELD);
});

test.each<[string, string, string, 'value' | 'map']>([
  ['values', 'x'.repeat(3_000_000), '{{ .big }}', 'value'],
  ['keys of maps', 'x'.repeat(1_000), '{{ range 2500 }}{{ $.big }}{{ . }}: ""\n{{ end }}', 'map'],
])('all results of an object together are bounded: %s', (_, big, source, as) => {
  const reply = serveRequest(
    {
      templates: ['a', 'b'].map((name) => ({ name, field: 'F', isSecret: false, as })),
      keys: ['big'],
      parts: [big, source, source].map((text) => Buffer.from(text)),
    },
    () => undefined,
  );
  expect(reply).toMatchObject({
    kind: 'failed',
    when: 'run',
    message: 'the template for "b" (F) and those before it exceeded the limit of 4194304 bytes in all',
  });
});

test('no function quotes what it is given in an error', () => {
  const functions = ['atoi', 'duration', 'toDate "2006-01-02"', 'mustToDate "2006-01-02"', 'mustFromJson', 'semver'];
  const more = ['urlParse', 'mustRegexMatch "("', 'pkcs12key', 'jwkPublicKeyPem', 'b64dec', 'hexdec', 'certSANs'];
  const others = [
    'filterPEM "X"',
    'rsaDecrypt "None" "SHA1" "a"',
    'derivePassword 1 "a" "b" "c"',
    'decryptAES "k"',
    'index (list)',
  ];
  for (const call of [...functions, ...more, ...others]) {
    for (const key of ['password', 'json', 'lines', 'when'])
      expect(message(`{{ ${call} .${key} }}`)).not.toMatch(/canary/);
  }
});
