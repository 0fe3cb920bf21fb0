/** ListSecrets of the fake: filters as AWS documents them, and pages. */

import { type FakeAnswer, jsonAnswer, refusal } from './fake-answers.ts';
import type { FakeSecret } from './fake-secret-store.ts';

type Input = Readonly<Record<string, unknown>>;

const FILTER_VALUE = /^!?[a-zA-Z0-9 :_@/+=.!-]*$/;
const MOST_FILTERS = 10;
const LARGEST_PAGE = 100;

interface Filter {
  readonly key: string;
  readonly values: readonly string[];
}

/** As `name=prod/`, one for each value. */
export function filterTexts(input: Input): readonly string[] {
  return filtersIn(input).flatMap(({ key, values }) => values.map((value) => `${key}=${value}`));
}

export function listed(secrets: readonly FakeSecret[], input: Input): FakeAnswer {
  const filters = filtersIn(input);
  const { MaxResults = LARGEST_PAGE, NextToken, IncludePlannedDeletion } = input;
  const isRefused =
    filters.length > MOST_FILTERS ||
    Number(MaxResults) > LARGEST_PAGE ||
    filters.some(({ values }) => values.some((value) => !FILTER_VALUE.test(value)));
  if (isRefused) return refusal('ValidationException', '1 validation error detected');
  const matching = secrets
    .filter(({ deleted }) => !deleted || IncludePlannedDeletion === true)
    .filter((secret) => filters.every((filter) => passes(secret, filter)));
  const from = typeof NextToken === 'string' ? Number(NextToken.slice('from '.length)) : 0;
  const to = from + Number(MaxResults);
  return jsonAnswer({
    SecretList: matching.slice(from, to).map(entryOf),
    ...(to < matching.length && { NextToken: `from ${to}` }),
  });
}

function filtersIn({ Filters }: Input): readonly Filter[] {
  return [Filters ?? []].flat().map((filter: unknown) => {
    const key: unknown = typeof filter === 'object' && filter !== null ? Reflect.get(filter, 'Key') : undefined;
    const values: unknown = typeof filter === 'object' && filter !== null ? Reflect.get(filter, 'Values') : undefined;
    return { key: String(key), values: [values].flat().map(String) };
  });
}

/** Prefix matches, case-sensitive; a key and a value may be those of different tags. */
function passes({ name, tags }: FakeSecret, { key, values }: Filter): boolean {
  const texts = key === 'name' ? [name] : key === 'tag-key' ? [...tags.keys()] : [...tags.values()];
  return values.some((value) =>
    value.startsWith('!')
      ? !texts.some((text) => text.startsWith(value.slice(1)))
      : texts.some((text) => text.startsWith(value)),
  );
}

function entryOf({ name, arn, tags, stages, changedAtMs, deleted }: FakeSecret): object {
  return {
    ARN: arn,
    Name: name,
    LastChangedDate: changedAtMs / 1000,
    ...(deleted && { DeletedDate: changedAtMs / 1000 }),
    ...(tags.size > 0 && { Tags: [...tags].map(([Key, Value]) => ({ Key, Value })) }),
    ...(stages.size > 0 && { SecretVersionsToStages: stagesByVersion(stages) }),
  };
}

/** Of the versions only those with labels. */
export function stagesByVersion(stages: ReadonlyMap<string, string>): Readonly<Record<string, readonly string[]>> {
  const versions: Record<string, string[]> = {};
  for (const [stage, id] of stages) versions[id] = [...(versions[id] ?? []), stage];
  return versions;
}
