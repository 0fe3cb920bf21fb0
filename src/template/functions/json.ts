/** Functions that read and write JSON. Those without `must` turn what fails into nil, or into an empty text. */

import {
  type Execution,
  type FunctionTable,
  type GoFunction,
  type GoString,
  type GoValue,
  TemplateFault,
} from '../value.ts';
import { define } from './declare.ts';
import { decodeJson, JsonFault } from './json-decode.ts';
import { encodeJson, type JsonStyle } from './json-encode.ts';
import { UnsupportedJson } from './json-text.ts';

const PLAIN: JsonStyle = { escapesHtml: true, indent: '' };
const PRETTY: JsonStyle = { escapesHtml: true, indent: '  ' };
const RAW: JsonStyle = { escapesHtml: false, indent: '' };

/** What was wrong, or undefined for errors of other kinds, such as limits that were reached. */
function faultOf(error: unknown): string | undefined {
  return error instanceof JsonFault || error instanceof UnsupportedJson ? error.message : undefined;
}

function orElse<T>(work: () => T, recover: (fault: string) => T): T {
  try {
    return work();
  } catch (error) {
    const fault = faultOf(error);
    if (fault === undefined) throw error;
    return recover(fault);
  }
}

function fail(fault: string): never {
  throw new TemplateFault(fault);
}

function decoder(recover: (fault: string) => GoValue): GoFunction {
  return define(['string'], 'interface {}', ([text], execution) => orElse(() => decodeJson(text, execution), recover));
}

function encoder(style: JsonStyle, recover: (fault: string) => GoString): GoFunction {
  return define(['interface {}'], 'string', ([value], execution: Execution) =>
    orElse(() => encodeJson(value, style, execution), recover),
  );
}

function nothing(): GoString {
  return '' as GoString;
}

export const JSON_FUNCTIONS: FunctionTable = new Map([
  ['fromJson', decoder(() => null)],
  ['mustFromJson', decoder(fail)],
  ['mustToJson', encoder(PLAIN, fail)],
  ['mustToPrettyJson', encoder(PRETTY, fail)],
  ['mustToRawJson', encoder(RAW, fail)],
  ['toJson', encoder(PLAIN, nothing)],
  ['toPrettyJson', encoder(PRETTY, nothing)],
  ['toRawJson', encoder(RAW, fail)],
]);
