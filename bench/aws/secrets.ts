/** The secrets of the stand-in: `bench/0`, `bench/1`, ... and `bench/shared`, made from their number and version alone. */

export const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';
export const SHARED_SECRET = 'bench/shared';

const FIRST_CREATED_MS = Date.UTC(2024, 0, 1);
/** The size of a secret's value. */
const VALUE_BYTES = 1_024;

export interface BenchSecret {
  readonly name: string;
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
  for (let number = 0; number < count; number += 1) {
    const name = secretName(number);
    secrets.set(name, secretOf(name, 1, FIRST_CREATED_MS + number));
  }
  secrets.set(SHARED_SECRET, secretOf(SHARED_SECRET, 1, FIRST_CREATED_MS));
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
  const entry = JSON.stringify({
    ARN: `${ARN_PREFIX}${name}${SUFFIX}`,
    Name: name,
    VersionId: `00000000-0000-4000-8000-${String(version).padStart(12, '0')}`,
    VersionStages: ['AWSCURRENT'],
    CreatedDate: createdMs / 1_000,
    SecretString: JSON.stringify(secretFields(name, version)),
  });
  return { name, version, entry };
}
