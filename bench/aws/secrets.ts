/**
 * The secrets of the stand-in: `bench/0`, `bench/1`, ..., `bench/shared`, and `bench/event-0`, ... for rotations by
 * event. They are made from their name and version alone.
 */

export const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';
export const SHARED_SECRET = 'bench/shared';
/** How many secrets there are for rotations by event. */
export const EVENT_SECRETS = 1_000;

const FIRST_CREATED_MS = Date.UTC(2024, 0, 1);
/** The size of a secret's value. */
const VALUE_BYTES = 1_024;

export interface BenchSecret {
  readonly name: string;
  readonly arn: string;
  readonly versionId: string;
  /** Counts from 1. */
  readonly version: number;
  /** Its value and what comes with it, as an entry of AWS's reply: JSON. */
  readonly entry: string;
}

export interface BenchSecrets {
  /** By name, full ARN or partial ARN. */
  find(id: string): BenchSecret | undefined;
  /** A new current version. @returns undefined when there is no secret of that name. */
  put(name: string, nowMs: number): BenchSecret | undefined;
}

export function secretName(number: number): string {
  return `bench/${number}`;
}

export function eventSecretName(number: number): string {
  return `bench/event-${number}`;
}

/** The value of a secret as key and value, which is what `dataFrom.extract` makes of it. */
export function secretFields(name: string, version: number): Readonly<Record<string, string>> {
  const fields = {
    engine: 'postgres',
    host: `${name.replace('/', '-')}.db.example.com`,
    port: '5432',
    dbname: name,
    username: `user-of-${name}`,
    password: `not-a-real-password-${version}`,
    version: String(version),
    padding: '',
  };
  return { ...fields, padding: 'x'.repeat(VALUE_BYTES - JSON.stringify(fields).length) };
}

export function createBenchSecrets(count: number): BenchSecrets {
  const secrets = new Map<string, BenchSecret>();
  const names = [
    ...Array.from({ length: count }, (_, number) => secretName(number)),
    ...Array.from({ length: EVENT_SECRETS }, (_, number) => eventSecretName(number)),
    SHARED_SECRET,
  ];
  for (const [number, name] of names.entries()) secrets.set(name, secretOf(name, 1, FIRST_CREATED_MS + number));
  return {
    find: (id) => secrets.get(nameOf(id)),
    put(name, nowMs) {
      const before = secrets.get(name);
      if (before === undefined) return undefined;
      const after = secretOf(name, before.version + 1, nowMs);
      secrets.set(name, after);
      return after;
    },
  };
}

const ARN_PREFIX = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:`;
const SUFFIX = '-AbCdEf';

function nameOf(id: string): string {
  return id.startsWith(ARN_PREFIX) ? id.slice(ARN_PREFIX.length).replace(new RegExp(`${SUFFIX}$`), '') : id;
}

function secretOf(name: string, version: number, createdMs: number): BenchSecret {
  const arn = `${ARN_PREFIX}${name}${SUFFIX}`;
  const versionId = `00000000-0000-4000-8000-${String(version).padStart(12, '0')}`;
  const entry = JSON.stringify({
    ARN: arn,
    Name: name,
    VersionId: versionId,
    VersionStages: ['AWSCURRENT'],
    CreatedDate: createdMs / 1_000,
    SecretString: JSON.stringify(secretFields(name, version)),
  });
  return { name, arn, version, versionId, entry };
}
