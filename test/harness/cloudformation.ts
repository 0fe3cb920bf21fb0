/** A CloudFormation stack at ministack, made from a template as a user would make it. */

import { readFile } from 'node:fs/promises';
import type { AwsAccess } from './aws-endpoint.ts';
import { until } from './until.ts';

export interface Stack {
  readonly outputs: Readonly<Record<string, string>>;
  delete(): Promise<void>;
}

/** Resolves when the stack is complete; its resources have the name that the parameters give them. */
export async function createStack(
  aws: AwsAccess,
  name: string,
  templatePath: string,
  parameters: Readonly<Record<string, string>>,
): Promise<Stack> {
  const numbered = Object.entries(parameters).flatMap(([key, value], at) => [
    [`Parameters.member.${at + 1}.ParameterKey`, key],
    [`Parameters.member.${at + 1}.ParameterValue`, value],
  ]);
  await cloudFormation(aws, {
    Action: 'CreateStack',
    StackName: name,
    TemplateBody: await readFile(templatePath, 'utf8'),
    ...Object.fromEntries(numbered),
  });
  const description = await until(
    `stack ${name} is complete`,
    async () => await cloudFormation(aws, { Action: 'DescribeStacks', StackName: name }),
    30_000,
    (xml) => /<StackStatus>CREATE_COMPLETE<\/StackStatus>/.test(xml),
  );
  return {
    outputs: Object.fromEntries(
      [...description.matchAll(/<OutputKey>([^<]*)<\/OutputKey>\s*<OutputValue>([^<]*)<\/OutputValue>/g)].map(
        ([, key = '', value = '']) => [key, unescaped(value)],
      ),
    ),
    async delete() {
      await cloudFormation(aws, { Action: 'DeleteStack', StackName: name });
    },
  };
}

async function cloudFormation(aws: AwsAccess, parameters: Readonly<Record<string, string>>): Promise<string> {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
  const scope = `${aws.credentials.accessKeyId}/${day}/${aws.region}/cloudformation/aws4_request`;
  const response = await fetch(aws.url, {
    method: 'POST',
    headers: {
      // ministack reads who calls from the scope and does not verify signatures.
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ Version: '2010-05-15', ...parameters }).toString(),
    signal: AbortSignal.timeout(30_000),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`CloudFormation ${parameters['Action']} answered ${response.status}: ${answer}`);
  return answer;
}

function unescaped(xml: string): string {
  return xml
    .replaceAll('&quot;', '"')
    .replaceAll('&#34;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
