/** The environment in which Go builds what tests run. */

import { homedir } from 'node:os';
import type { Environment } from './cache-directory.ts';

/** What Go itself reads (GOPROXY, GOFLAGS, ...) and the proxy settings pass; the rest is fixed, as is the result. */
export function goEnvironment(env: Environment): NodeJS.ProcessEnv {
  const passed = Object.entries(env).filter(([name]) =>
    /^(PATH|TMPDIR|GO[A-Z]+|NETRC|SSL_CERT_.*|.*_proxy)$/i.test(name),
  );
  return {
    HOME: env['HOME'] || homedir(),
    ...Object.fromEntries(passed),
    CGO_ENABLED: '0',
    GOFLAGS: '-buildvcs=false',
  };
}
