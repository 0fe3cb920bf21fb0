import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/option-values.ts';
import { readOptions } from '../../src/options.ts';
import { type PlanOptions, readPlanOptions } from '../../src/plan-options.ts';

describe('the options of a plan', () => {
  test('are those of the operator, and nothing is logged but errors', () => {
    const run = { ...readOptions([], {}), logLevel: 'error' };
    expect(readPlanOptions([], {})).toEqual({ run, output: 'text', selected: [] });
  });

  test.each<[string, readonly string[], Partial<PlanOptions>]>([
    ['the arguments of a Deployment as they are', ['--leader-elect', '--shards=3'], {}],
    ['JSON', ['--output', 'json'], { output: 'json' }],
    ['one ExternalSecret', ['shop/app'], { selected: ['shop/app'] }],
    [
      'a namespace among flags',
      ['shop/*', '--output=json', 'team/a.b'],
      { output: 'json', selected: ['shop/*', 'team/a.b'] },
    ],
  ])('%s', (_, args, expected) => {
    expect(readPlanOptions(args, {})).toMatchObject(expected);
  });

  test('a setting may come from the environment, or be a flag', () => {
    const { run } = readPlanOptions(['--log-level', 'debug'], { KEYTURN_CONTROLLER_CLASS: 'mine' });
    expect(run).toMatchObject({ controllerClass: 'mine', logLevel: 'debug' });
  });

  test.each([
    ['another output', ['--output', 'yaml'], '--output: expected text or json, got "yaml"'],
    [
      'a name without its namespace',
      ['app'],
      'expected an ExternalSecret as namespace/name, or namespace/*, got "app"',
    ],
    ['an unknown flag', ['--verbose'], "Unknown option '--verbose'; see keyturn plan --help"],
    [
      'a setting that is wrong',
      ['--concurrency', '0'],
      '--concurrency: expected a whole number from 1 to 1000, got "0"',
    ],
  ])('%s is refused', (_, args, message) => {
    expect(() => readPlanOptions(args, {})).toThrow(new UsageError(message));
  });

  test('the operator takes neither a name nor an output', () => {
    expect(() => readOptions(['shop/app'], {})).toThrow('keyturn run --help');
    expect(() => readOptions(['--output', 'json'], {})).toThrow("Unknown option '--output'");
  });
});
