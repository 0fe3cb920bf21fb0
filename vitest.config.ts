import { defineConfig } from 'vitest/config';
import { closingLineReporter } from './test/harness/closing-line.ts';

export default defineConfig({
  test: {
    reporters: ['default', closingLineReporter()],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 30_000,
          // No module keeps state and nothing is mocked: files may share a worker, which halves the time.
          isolate: false,
          // Many wait for a real process or a real server: more workers than cores have something to do.
          maxWorkers: 4,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/contract/**/*.test.ts'],
          globalSetup: ['test/integration/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // One rig each (test/harness/shared.ts). They mostly wait.
          maxWorkers: 3,
          // After the unit tests: both at once would make each other late.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
