/**
 * The vitest reporter that ends every run with one line, `N passed, N failed`, and sees to it that the line and the
 * exit status say the same: what did not load, did not run or was not handled counts as failed.
 */

import type { Reporter, TestModule } from 'vitest/node';

interface Tally {
  readonly passed: number;
  readonly failed: number;
}

export function closingLineReporter(): Reporter {
  let planned = 0;
  let tally: Tally = { passed: 0, failed: 0 };
  return {
    onInit() {
      // At the very end: the teardown and the start's own errors print after the last hook that reporters have.
      process.once('exit', (code) => {
        const { passed, failed } = finalTally(tally, code);
        process.exitCode = failed > 0 ? code || 1 : code;
        process.stdout.write(`${passed} passed, ${failed} failed\n`);
      });
    },
    onTestRunStart(specifications) {
      planned = specifications.length;
      tally = { passed: 0, failed: planned };
    },
    onTestRunEnd(modules, unhandledErrors) {
      const ran = modules.map(countModule);
      const notRun = Math.max(planned - modules.length, 0);
      tally = {
        passed: sum(ran.map((each) => each.passed)),
        failed: sum(ran.map((each) => each.failed)) + notRun + unhandledErrors.length,
      };
    },
  };
}

/** A run that ends badly, or in which nothing ran, has at least one failure. */
function finalTally({ passed, failed }: Tally, exitCode: number): Tally {
  return failed === 0 && (exitCode !== 0 || passed === 0) ? { passed, failed: 1 } : { passed, failed };
}

/** Besides failing tests, what fails is a file that does not load and a hook that throws. */
function countModule(module: TestModule): Tally {
  const states = Array.from(module.children.allTests(), (test) => test.result().state);
  const suites = [module, ...module.children.allSuites()];
  const failed =
    states.filter((state) => state === 'failed' || state === 'pending').length +
    suites.filter((suite) => suite.errors().length > 0).length;
  return {
    passed: states.filter((state) => state === 'passed').length,
    failed: failed === 0 && !module.ok() ? 1 : failed,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
