/** What is wrong with a text that should be YAML. */

export class YamlFault extends Error {
  override readonly name = 'YamlFault';
}

/** In the words of upstream, which end up in the map that `fromYaml` gives. */
export function conversionFault(problem: string): YamlFault {
  return new YamlFault(`error converting YAML to JSON: ${problem}`);
}
