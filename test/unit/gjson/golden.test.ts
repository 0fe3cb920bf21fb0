import { describe, expect, test } from 'vitest';
import { PATHS } from '../../gjson/path-engine.ts';
import { wrongGolden } from '../../oracle/wrong-golden.ts';

describe('paths find what gjson finds', async () => {
  test.each(await PATHS.golden.topics())('%s.json', async (topic) => {
    const { ours, theirs } = await wrongGolden(PATHS, topic);
    expect(ours).toEqual(theirs);
  });
});
