/** Where the engine is meant to differ from Go's: few, each with its reason. */

import type { Difference } from '../oracle/difference.ts';
import type { Outcome } from '../oracle/outcome.ts';
import type { TemplateCase } from './case.ts';

/** A verb that neither times nor versions are made for, or one that asks for Go's source. */
const OTHER_VERB = /%[-+# 0\d.*[\]]*[^-+# 0\d.*[\]svqT%]|%[-+ 0\d.*[\]]*#[-+# 0\d.*[\]]*v/;

/** Of those after 15.0 the ones that generated texts hold. */
const NEW_CHARACTER = /[\u2ffc-\u2fff\u31ef\u{2ebf0}-\u{2ee5d}]/u;

const LIMITS =
  /exceeded (?:the limit|maximum)|the limit is|nests deeper|nested too deeply|regular expression is too (?:costly|large)/;

const failed = (outcome: Outcome, message: RegExp): boolean =>
  outcome.kind === 'failure' && message.test(outcome.message);

export const DIFFERENCES: readonly Difference<TemplateCase>[] = [
  {
    what: 'The order of `keys` and `values`',
    why: "Go's is random from one rendering to the next; here they are sorted, so that a Secret does not change by itself.",
    covers: ({ template }, ours, theirs) =>
      /\b(keys|values)\b/.test(template) &&
      ours.kind === 'output' &&
      theirs.kind === 'output' &&
      sameBytesInSomeOrder(ours.bytes, theirs.bytes),
  },
  {
    what: 'Limits of steps, bytes and depth',
    why: 'A template must not be able to stop the operator; Go has no limits but that of 100,000 templates inside each other.',
    covers: (_, ours, theirs) => failed(ours, LIMITS) && theirs.kind === 'output',
  },
  {
    what: 'Complex constants, such as `1i`',
    why: 'No function takes them; a template that holds one is mistaken, and is refused.',
    covers: (_, ours) => failed(ours, /complex numbers are not supported/),
  },
  {
    what: '`slice` beyond the end of a list',
    why: 'Go goes on to the capacity of the list, which depends on how it was made, and shows what lies there.',
    covers: ({ template }, ours, theirs) =>
      /slice/i.test(template) && failed(ours, /slice index out of bounds/) && theirs.kind === 'output',
  },
  {
    what: 'A regular expression with two groups of one name',
    why: "Go's takes it, RE2 itself and its port to JavaScript do not.",
    covers: ({ template }, ours) =>
      /\(\?P?<(\w+)>.*\(\?P?<\1>/s.test(template) && failed(ours, /invalid regular expression/),
  },
  {
    what: 'Characters that Unicode got after version 15: whether `%q` and `js` print them, and whether they are letters',
    why: "Each side has the tables of its runtime, and Go's are older.",
    covers: ({ template, data }, ours, theirs) =>
      ours.kind === 'output' &&
      theirs.kind === 'output' &&
      (NEW_CHARACTER.test([template, ...[...data.values()].map(textOf)].join('')) ||
        textOf(ours.bytes) === withoutEscapes(textOf(theirs.bytes))),
  },
  {
    what: '`eq` and `ne` of equal times with a fixed offset',
    why: 'Go compares the addresses of the two zones: such times are never equal to it. `deepEqual` is the same in both.',
    covers: ({ template }, ours, theirs) =>
      /\b(?:eq|ne)\b/.test(template) &&
      /oDate|date_?modify/i.test(template) &&
      ours.kind === 'output' &&
      theirs.kind === 'output',
  },
  {
    what: 'The words of a YAML error, which `fromYaml` puts under the key `Error`',
    why: 'They come from the parser, and nothing should depend on them; that there is an error is the same.',
    covers: ({ template }, ours, theirs) => /fromYaml/.test(template) && holdsYamlError(ours) && holdsYamlError(theirs),
  },
  {
    what: 'What `bcrypt`, `derivePassword` and `genPrivateKey` cannot do',
    why: "Go's give the text of the error as if it were the password or the key, and it would be stored as such; here they fail.",
    covers: (_, ours, theirs) =>
      failed(ours, /error calling (?:bcrypt|derivePassword|genPrivateKey): /) && theirs.kind === 'output',
  },
  {
    what: 'Methods of times whose result no template can use, such as `Location` and `MarshalText`',
    why: 'They are there for Go programs.',
    covers: (_, ours) =>
      failed(ours, /can't evaluate field (Location|GoString|Marshal\w+|Append\w+|\w+code) in type time\.Time/),
  },
  {
    what: 'Times and versions printed with `%#v`, or with verbs that are not for them',
    why: 'Go prints the fields that it keeps to itself, and an address in memory among them.',
    covers: ({ template }, ours, theirs) =>
      /printf/.test(template) &&
      OTHER_VERB.test(template) &&
      /date|now|semver/i.test(template) &&
      ours.kind === 'output' &&
      theirs.kind === 'output',
  },
];

function holdsYamlError(outcome: Outcome): boolean {
  return outcome.kind === 'output' && textOf(outcome.bytes).includes('error converting YAML to JSON');
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

/** Escapes of characters that can be printed here, undone. */
function withoutEscapes(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/g, (whole, short: string, long: string) => {
    const character = String.fromCodePoint(Number.parseInt(short ?? long, 16));
    return /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(character) ? character : whole;
  });
}

function sameBytesInSomeOrder(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(Uint8Array.from(one).sort(), Uint8Array.from(other).sort()) === 0;
}
