/** What was rendered, read as YAML and written as JSON: a part of an object of any kind (upstream section 2.8). */

import { encodeJson } from './functions/json-encode.ts';
import { decodeYamlValue } from './functions/yaml-decode.ts';
import { DEFAULT_LIMITS, type TemplateLimits } from './template.ts';
import { bytesToGo } from './value.ts';
import { readingYaml } from './yaml-map.ts';

const PLAIN = { escapesHtml: false, indent: '' } as const;

/**
 * The first document as JSON; `null` where there is none. Scalars without quotes are what YAML 1.1 makes of them: `0123` is
 * 83, `yes` is true. Whole numbers of 64 bits keep their digits.
 * @throws YamlMapError
 */
export function readYamlAsJson(text: Uint8Array, limits: TemplateLimits = DEFAULT_LIMITS): Uint8Array {
  return readingYaml(limits, (execution) => {
    const json = encodeJson(decodeYamlValue(bytesToGo(text), execution), PLAIN, execution);
    return Buffer.from(json, 'latin1');
  });
}
