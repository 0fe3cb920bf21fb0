/** What every renderer does: the operator's, with its child, and the one of the tests under virtual time. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/loop/system-clock.ts';
import { InvalidSecretContent, InvalidSpec } from '../../../src/ports/errors.ts';
import type { Renderer } from '../../../src/ports/renderer.ts';
import { SecretValue } from '../../../src/ports/secret-value.ts';
import { startRenderChild } from '../../../src/rendering/render-child.ts';
import { createRenderer } from '../../../src/rendering/renderer.ts';
import { inlineRenderer } from '../../unit/controllers/inline-renderer.ts';
import { jobs, NEVER, shown } from '../../unit/rendering/jobs.ts';
import { type BuiltChild, buildChild } from './built-child.ts';

let built: BuiltChild;
let withChild: Renderer;
let children = 0;
beforeAll(async () => {
  built = await buildChild();
  const startChild = (limits: { readonly memoryMb: number }) => {
    children++;
    return startRenderChild({ ...limits, entry: built.entry });
  };
  withChild = createRenderer({ clock: systemClock, startChild });
});
afterAll(async () => {
  await withChild.close();
  await built.remove();
});

describe.each<[string, () => Renderer]>([
  ['the operator', () => withChild],
  ['virtual time', () => inlineRenderer],
])('the renderer of %s', (_, it) => {
  test('gives results in the order of the templates, values and maps', async () => {
    const templates = { url: 'db://{{ .user }}@{{ .host }}', map: 'a: "{{ .user }}"\nb: 0123\n', empty: '' };
    const results = await it().render(jobs(templates, { user: 'app', host: 'db' }), NEVER);
    expect(shown(results)).toEqual(['db://app@db', { a: 'app', b: '83' }, '']);
    expect(String(results.map((result) => (result.kind === 'value' ? result.value : '')))).toContain('[redacted]');
  });

  test('gives what is YAML as JSON', async () => {
    const templates = {
      json: 'a: {{ .user }}\nb: [0123, yes, "x"]',
      'json-number': '9007199254740993',
      jsonOrText: '{c: d}',
      'jsonOrText-that-is-none': '{{ .user }}: {{ .user }}: é',
    };
    const results = await it().render(jobs(templates, { user: 'app' }), NEVER);
    expect(shown(results)).toEqual(['{"a":"app","b":[83,true,"x"]}', '9007199254740993', '{"c":"d"}', '"app: app: é"']);
  });

  test.each<[sentence: string, template: string, value: Uint8Array | string, message: string]>([
    ['YAML', 'json', 'canary: canary: x', 'gives no YAML: mapping values are not allowed in this context'],
    ['text, where that would do', 'jsonOrText', Uint8Array.of(255, 254), 'gives no text (UTF-8)'],
  ])('says of a template that it gives no %s', async (_sentence, name, value, message) => {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    const data = new Map([['raw', SecretValue.fromBytes(bytes)]]);
    const asked = it().render({ ...jobs({ [name]: '{{ .raw }}' }), data }, NEVER);
    await expect(asked).rejects.toThrow(InvalidSecretContent);
    await expect(asked).rejects.toThrow(`the template for "${name}" (F) ${message}`);
    await expect(asked).rejects.not.toThrow('canary');
  });

  test('gives bytes as they are, whatever they are', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_each, index) => index);
    const data = new Map([['raw', SecretValue.fromBytes(bytes)]]);
    const [result] = await it().render({ ...jobs({ a: '{{ .raw }}' }), data }, NEVER);
    expect(result?.kind === 'value' && Buffer.from(result.value.revealBytes()).equals(bytes)).toBe(true);
  });

  test('takes keys of any text, in and out', async () => {
    const key = 'a "b"\n\u{1F511} \uD800';
    const [map] = shown(
      await it().render(
        jobs({ map: '{{ range $k, $v := . }}{{ $k | quote }}: {{ $v }}{{ end }}' }, { 'é "': 'x' }),
        NEVER,
      ),
    );
    expect(map).toEqual({ 'é "': 'x' });
    expect(shown(await it().render(jobs({ a: '{{ len . }}' }, { [key]: 'x' }), NEVER))).toEqual(['1']);
  });

  test('gives nothing for nothing', async () => {
    expect(await it().render(jobs({}), NEVER)).toEqual([]);
  });

  test('leaves the data where it was', async () => {
    const asked = jobs({ a: '{{ .user }}' }, { user: 'app' });
    await it().render(asked, NEVER);
    expect(shown(await it().render(asked, NEVER))).toEqual(['app']);
  });

  test.each<[string, string, new (...args: never[]) => Error, string]>([
    ['that does not parse waits for a change', '{{ if }}', InvalidSpec, 'missing value for if'],
    ['that fails is tried again', '{{ .nope }}', InvalidSecretContent, 'map has no entry for key "nope"'],
    ['that takes too many steps is tried again', '{{ range 9999999 }}{{ end }}', InvalidSecretContent, '1000000 steps'],
    ['that tells a value does not tell it', '{{ fail .user }}', InvalidSecretContent, 'the reason is not shown'],
  ])('says of a template %s', async (_sentence, template, error, message) => {
    const asked = it().render(jobs({ a: 'x', b: template }, { user: 'canary' }), NEVER);
    await expect(asked).rejects.toThrow(error);
    await expect(asked).rejects.toThrow('the template for "b" (F)');
    await expect(asked).rejects.toThrow(message);
  });

  test('does not begin what is aborted', async () => {
    await expect(it().render(jobs({ a: 'x' }), AbortSignal.abort(new Error('no more')))).rejects.toThrow('no more');
  });
});

test('one process rendered all of that', () => {
  expect(children).toBe(1);
});
