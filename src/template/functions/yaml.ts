/** The functions for YAML that upstream adds to sprig's. Neither fails: see each. */

import { dict, type FunctionTable, type GoMap, type GoString, goString } from '../value.ts';
import { define } from './declare.ts';
import { UnsupportedJson } from './json-text.ts';
import { decodeYaml } from './yaml-decode.ts';
import { encodeYaml } from './yaml-encode.ts';
import { YamlFault } from './yaml-fault.ts';

/** What is wrong with the text is an entry of the result. */
function faultMap(fault: string): GoMap {
  return dict([[goString('Error'), goString(fault)]]);
}

export const YAML: FunctionTable = new Map([
  [
    'fromYaml',
    define(['string'], 'map[string]interface {}', ([text], execution) => {
      try {
        return decodeYaml(text, execution);
      } catch (error) {
        if (error instanceof YamlFault) return faultMap(error.message);
        throw error;
      }
    }),
  ],
  [
    'toYaml',
    define(['interface {}'], 'string', ([value], execution) => {
      try {
        return encodeYaml(value, execution);
      } catch (error) {
        if (error instanceof UnsupportedJson) return '' as GoString;
        throw error;
      }
    }),
  ],
]);
