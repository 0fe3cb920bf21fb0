/**
 * Leaves out of the bundle what its packages bring and the operator never runs, but would pay for at each start: their
 * index modules load all of themselves. Which parts are kept is said here; the integration tests run the bundle.
 */

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

const { resolve } = createRequire(import.meta.url);
const UNDICI = dirname(resolve('undici/package.json'));
const KUBE_CONFIG = join(dirname(resolve('@kubernetes/client-node')), 'config.js');

/**
 * Of undici its dispatchers with `request`, and with `connect`, by which ProxyAgent opens its tunnels; its index also
 * loads fetch, WebSocket, mocks and caches.
 */
const DISPATCHERS = `
  const { prototype } = require('./lib/dispatcher/dispatcher.js');
  prototype.request = require('./lib/api/api-request.js');
  prototype.connect = require('./lib/api/api-connect.js');
  exports.Agent = require('./lib/dispatcher/agent.js');
  exports.ProxyAgent = require('./lib/dispatcher/proxy-agent.js');
  exports.fetch = globalThis.fetch;
`;

/** Of the Kubernetes client `KubeConfig`, and what it mentions of the generated code: that has a model of every kind. */
const CONFIGURATION = `
  export { createConfiguration } from './configuration.js';
  export { ServerConfiguration } from './servers.js';
`;

export const leaveOut: Plugin = {
  name: 'leave-out',
  setup(build) {
    build.onResolve({ filter: /^undici$/ }, () => ({ path: 'dispatchers', namespace: 'kept' }));
    build.onLoad({ filter: /^dispatchers$/, namespace: 'kept' }, () => ({ contents: DISPATCHERS, resolveDir: UNDICI }));
    build.onResolve({ filter: /^@kubernetes\/client-node$/ }, () => ({ path: KUBE_CONFIG }));
    build.onResolve({ filter: /^\.\/gen\/index\.js$/ }, ({ importer }) =>
      importer === KUBE_CONFIG ? { path: 'configuration', namespace: 'kept' } : undefined,
    );
    build.onLoad({ filter: /^configuration$/, namespace: 'kept' }, () => ({
      contents: CONFIGURATION,
      resolveDir: join(dirname(KUBE_CONFIG), 'gen'),
    }));
  },
};
