/** What `keyturn policy` prints for people. */

import type { Finding } from '../domain/policy-compare.ts';
import type { IdentityPolicy, PolicyReport } from '../domain/policy-report.ts';

function indented(value: unknown, by = ''): string {
  return JSON.stringify(value, undefined, 2).replaceAll('\n', `\n${by}`);
}

function listed(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}\n`).join('');
}

function section(title: string, body: string): string {
  return body === '' ? '' : `\n${title}\n${body}`;
}

export function identityTitle({ kind, identity }: Pick<IdentityPolicy, 'kind' | 'identity'>): string {
  return kind === 'role' ? `role ${identity}` : identity;
}

function identityText(policy: IdentityPolicy): string {
  const { serves, required, optional, trustPolicy, shared, notes } = policy;
  return [
    `# ${identityTitle(policy)}\n`,
    listed(serves.length === 0 ? ['assumes roles only'] : serves),
    section('Policy:', required.length === 0 ? '' : `${indented(policy.policy)}\n`),
    section(
      'Optional statements:',
      optional.map(({ why, statement }) => `- ${why}\n  ${indented(statement, '  ')}\n`).join(''),
    ),
    section('Trust policy:', trustPolicy === undefined ? '' : `${indented(trustPolicy)}\n`),
    ...shared.map(({ secret, resourcePolicy, keyPolicy }) =>
      section(
        `In the account of ${secret}:`,
        `- resource policy of the secret\n  ${indented(resourcePolicy, '  ')}\n` +
          `- policy of its KMS key\n  ${indented(keyPolicy, '  ')}\n`,
      ),
    ),
    section('Notes:', listed(notes)),
  ].join('');
}

export function reportText({ identities, leftOut, notes }: PolicyReport): string {
  const parts = identities.map(identityText);
  if (identities.length === 0) parts.push('# Nothing is read from AWS Secrets Manager.\n');
  if (leftOut.length > 0) parts.push(`# Left out\n${listed(leftOut)}`);
  if (notes.length > 0) parts.push(`# Notes\n${listed(notes)}`);
  return parts.join('\n');
}

const TITLES: readonly (readonly [Finding['kind'], string])[] = [
  ['missing', 'Missing:'],
  ['tooMuch', 'Too much:'],
  ['note', 'Notes:'],
];

export function comparisonText(title: string, findings: readonly Finding[], fits: boolean): string {
  const parts = TITLES.map(([kind, heading]) =>
    section(heading, listed(findings.filter((finding) => finding.kind === kind).map(({ text }) => text))),
  );
  return `# ${title}\n${fits ? 'The policy fits.' : 'The policy does not fit.'}\n${parts.join('')}`;
}
