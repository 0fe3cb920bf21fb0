import { describe, expect, test } from 'vitest';
import { wrongGolden } from '../../oracle/wrong-golden.ts';
import { TEMPLATES } from '../../template/template-engine.ts';

describe('templates give what Go made of them', async () => {
  test.each(await TEMPLATES.golden.topics())('%s.json', async (topic) => {
    const { ours, theirs } = await wrongGolden(TEMPLATES, topic);
    expect(ours).toEqual(theirs);
  });
});
