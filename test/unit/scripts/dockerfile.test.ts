import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lastStage } from '../../../scripts/image/dockerfile.ts';
import { MALLOC_ENVIRONMENT, NODE_FLAGS } from '../../../scripts/node-flags.ts';

const ours = lastStage(readFileSync(new URL('../../../Dockerfile', import.meta.url), 'utf8'));

describe('the image that the Dockerfile makes', () => {
  it('starts Node with the flags and the variables that the tests and the benchmark start it with', () => {
    const [node, ...args] = ours.entrypoint;
    expect(node).toBe('/nodejs/bin/node');
    expect(args).toEqual([...NODE_FLAGS, '/keyturn/keyturn.mjs']);
    expect(ours.env).toEqual(MALLOC_ENVIRONMENT);
    expect(ours.command).toEqual(['run']);
  });

  it('is distroless, and runs as a user that Kubernetes can tell from root', () => {
    expect(ours.base).toMatch(/^gcr\.io\/distroless\/nodejs24-debian13:nonroot$/);
    expect(ours.user).toBe('65532:65532');
  });

  it('holds the two bundles, their bill of materials and the licences, and nothing else', () => {
    expect(ours.copies.flatMap(({ sources }) => sources).sort()).toEqual(
      [
        'LICENSE',
        'dist/THIRD-PARTY-LICENSES.txt',
        'dist/keyturn-renderer.mjs',
        'dist/keyturn-renderer.mjs.LEGAL.txt',
        'dist/keyturn.js',
        'dist/keyturn.js.LEGAL.txt',
        'dist/sbom.cdx.json',
      ].map((name) => `/build/${name}`),
    );
  });
});

describe('reading a Dockerfile', () => {
  it('takes the last stage alone, and a continued line as one', () => {
    const text = 'FROM a AS build\nRUN npm ci\n# why\nFROM b:1\nCOPY --from=build /x/y \\\n  /x/z /to/\nENV A=1 B=2\n';
    expect(lastStage(text)).toEqual({
      base: 'b:1',
      copies: [{ from: 'build', sources: ['/x/y', '/x/z'], target: '/to/' }],
      env: { A: '1', B: '2' },
      user: '',
      entrypoint: [],
      command: [],
    });
  });

  it('takes the default of an argument for the base', () => {
    expect(lastStage('ARG A=a:1\nARG B=b:1\nFROM $A AS build\nFROM $B\n').base).toBe('b:1');
  });

  it.each([
    ['an instruction that it does not know', 'RUN rm -r /tmp'],
    ['a copy from the context', 'COPY src /src'],
    ['a copy with a pattern', 'COPY --from=build /build/dist/* /keyturn/'],
    ['a value in quotes', 'ENV A="b c"'],
    ['an entry point for a shell', 'ENTRYPOINT node x.js'],
  ])('refuses %s', (_, line) => {
    expect(() => lastStage(`FROM a\n${line}\n`)).toThrow(`not understood: ${line}`);
  });

  it('refuses a base that only the builder knows', () => {
    expect(() => lastStage('ARG B\nFROM $B\n')).toThrow('not understood: FROM $B');
  });

  it('refuses a file without a stage', () => {
    expect(() => lastStage('ENV A=1\n')).toThrow('not understood: a Dockerfile without FROM');
  });
});
