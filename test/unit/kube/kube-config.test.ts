import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadKubeConfig } from '../../../src/kube/kube-config.ts';

const directory = mkdtempSync(join(tmpdir(), 'keyturn-config-'));
const empty = join(directory, 'empty');
mkdirSync(empty);
afterAll(() => rmSync(directory, { recursive: true }));

function write(name: string, content: object | string): string {
  const path = join(directory, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function kubeconfig(name: string): object {
  return {
    clusters: [{ name, cluster: { server: `https://${name}.example` } }],
    users: [{ name, user: {} }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  };
}

const token = write('token', 'not-a-real-token');
const one = write('one', kubeconfig('one'));
const two = write('two', kubeconfig('two'));
const home = join(directory, 'home');
mkdirSync(join(home, '.kube'), { recursive: true });
writeFileSync(join(home, '.kube', 'config'), JSON.stringify(kubeconfig('home')));
const pod = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };

describe('kubeconfig', () => {
  it.each([
    ['the file that was named wins', { kubeconfigPath: two, env: { KUBECONFIG: one } }, 'two'],
    ['then $KUBECONFIG', { env: { KUBECONFIG: one, ...pod }, tokenPath: token, homeDir: home }, 'one'],
    ['of several files in $KUBECONFIG the first names the context', { env: { KUBECONFIG: `${two}:${one}` } }, 'two'],
    ['then the ServiceAccount of the pod', { env: pod, tokenPath: token, homeDir: home }, 'inCluster'],
    ['then the file in the home directory', { env: {}, tokenPath: token, homeDir: home }, 'home'],
  ])('%s', (_sentence, source, expected) => {
    const before = { ...process.env };
    try {
      Object.assign(process.env, pod);
      expect(loadKubeConfig(source).getCurrentCluster()?.name).toBe(expected);
    } finally {
      process.env = before;
    }
  });

  it('names both ways when there is none', () => {
    expect(() => loadKubeConfig({ env: {}, homeDir: empty, tokenPath: join(empty, 'token') })).toThrow(
      /there is no kubeconfig \(--kubeconfig, \$KUBECONFIG or .*empty.*config\) and this is not a pod with a ServiceAccount/,
    );
  });

  it('says which file is missing, without falling through to another', () => {
    expect(() => loadKubeConfig({ kubeconfigPath: join(empty, 'gone'), homeDir: home })).toThrow(/gone \(ENOENT\)/);
  });

  it('does not quote a file that is no YAML', () => {
    const broken = write('broken', 'token: "hunter2\n  - :');
    expect(() => loadKubeConfig({ kubeconfigPath: broken })).toThrow(/broken/);
    expect(() => loadKubeConfig({ kubeconfigPath: broken })).not.toThrow(/hunter2/);
  });

  it('refuses a file without a current context', () => {
    const path = write('aimless', { ...kubeconfig('one'), 'current-context': '' });
    expect(() => loadKubeConfig({ kubeconfigPath: path })).toThrow('no current context');
  });

  it('allows plain http on loopback only', () => {
    const at = (server: string) =>
      write('plain', { ...kubeconfig('one'), clusters: [{ name: 'one', cluster: { server } }] });
    expect(loadKubeConfig({ kubeconfigPath: at('http://127.0.0.1:8001') }).getCurrentCluster()?.skipTLSVerify).toBe(
      true,
    );
    expect(() => loadKubeConfig({ kubeconfigPath: at('http://127.0.0.1.example:8001') })).toThrow('in clear');
  });
});
