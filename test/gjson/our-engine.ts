/** Evaluates a case with the engine under test; whatever it throws but a limit is a crash. */

import { propertyText } from '../../src/domain/property-path.ts';
import { Effort, findText, GjsonLimitExceeded } from '../../src/gjson/gjson.ts';
import { crash, type Outcome } from '../oracle/outcome.ts';
import type { PathCase } from './case.ts';

export function findOurs({ json, path, isProperty }: PathCase): Outcome {
  try {
    const result = (isProperty ? propertyText : findText)(json, path, new Effort());
    return result.kind === 'found' ? { kind: 'output', bytes: result.text } : { kind: 'failure', message: result.kind };
  } catch (error) {
    return error instanceof GjsonLimitExceeded ? { kind: 'failure', message: error.message } : crash(error);
  }
}
