/** Lists the secrets of an account and region, as few as AWS's filters can bring it down to. */

import { type Filter, ListSecretsCommand } from '@aws-sdk/client-secrets-manager';
import type { FindQuery } from '../ports/find-query.ts';
import { AwsFault } from './aws-fault.ts';
import { type ListedSecret, readListPage } from './secret-list-page.ts';
import type { Errand, SecretsManagerCalls } from './secrets-manager-calls.ts';

/** AWS's own limit, and the most that one call can bring. */
const PAGE_SIZE = 100;
/** AWS's limit of secrets in an account and region, in full pages. */
const MOST_PAGES = 5_000;
/** AWS's own limit. */
const MOST_FILTERS = 10;
/**
 * What AWS takes as the value of a filter, less what begins with an exclamation mark, by which AWS means the opposite
 * (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Filter.html).
 */
const FILTER_VALUE = /^(?!!)[a-zA-Z0-9 :_@/+=.!-]{1,512}$/;

/**
 * Filters that keep out nothing that the query asks for. They let through more than it: each asks for a prefix, and those
 * for the key and for the value of a tag know nothing of each other.
 */
function filtersOf({ path = '', tags = {} }: FindQuery): readonly Filter[] {
  const all: Filter[] = [{ Key: 'name', Values: [path] }];
  for (const [key, value] of Object.entries(tags)) {
    all.push({ Key: 'tag-key', Values: [key] }, { Key: 'tag-value', Values: [value] });
  }
  return all.filter(({ Values = [] }) => Values.every((value) => FILTER_VALUE.test(value))).slice(0, MOST_FILTERS);
}

export class SecretLister {
  readonly #calls: SecretsManagerCalls;

  constructor(calls: SecretsManagerCalls) {
    this.#calls = calls;
  }

  /**
   * All that may match a query, and more: path and tags have to be looked at. A secret may come twice, when others are
   * made meanwhile.
   * @throws AwsFault
   */
  async *pages(query: FindQuery, errand: Errand): AsyncGenerator<readonly ListedSecret[]> {
    const request = { MaxResults: PAGE_SIZE, Filters: [...filtersOf(query)] };
    let NextToken: string | undefined;
    for (let count = 0; count < MOST_PAGES; count += 1) {
      const command = new ListSecretsCommand({ ...request, ...(NextToken !== undefined && { NextToken }) });
      const page = readListPage(await this.#calls.ask('ListSecrets', command, errand));
      yield page.secrets;
      if (page.nextToken === undefined) return;
      if (page.nextToken === NextToken) break;
      NextToken = page.nextToken;
    }
    throw new AwsFault({ origin: 'reply', code: 'EndlessPages' });
  }
}
