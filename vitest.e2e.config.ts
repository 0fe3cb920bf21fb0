import { defineConfig } from 'vitest/config';
import { closingLineReporter } from './test/harness/closing-line.ts';

/** A configuration of its own: `vitest run` does not start a node, for which root is needed. `npm run e2e` does. */
export default defineConfig({
  test: {
    reporters: ['verbose', closingLineReporter()],
    include: ['test/e2e/**/*.test.ts'],
    testTimeout: 5 * 60_000,
    // The first time Kubernetes is built from source.
    hookTimeout: 30 * 60_000,
  },
});
