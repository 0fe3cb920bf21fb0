/** Describes secrets as far as the identity may: no value moves by it, and no KMS key is used. */

import { DescribeSecretCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Clock } from '../ports/clock.ts';
import type { AwsCaller } from './aws-caller.ts';
import { faultOf } from './aws-fault.ts';
import { denies } from './aws-text.ts';
import { Permission } from './permission.ts';
import { readDescription, type SecretDescription } from './secret-description.ts';

export interface SecretDescriberOptions {
  readonly client: SecretsManagerClient;
  readonly caller: AwsCaller;
  readonly clock: Clock;
}

export class SecretDescriber {
  readonly #options: SecretDescriberOptions;
  readonly permission: Permission;

  constructor(options: SecretDescriberOptions) {
    this.#options = options;
    this.permission = new Permission(options.clock);
  }

  /** @throws AwsFault */
  async describe(key: string, abandon: AbortSignal): Promise<SecretDescription> {
    const { client, caller } = this.#options;
    const command = new DescribeSecretCommand({ SecretId: key });
    try {
      const reply: unknown = await caller.call((abortSignal) => client.send(command, { abortSignal }), abandon);
      this.permission.grant();
      return readDescription(reply);
    } catch (error) {
      const fault = faultOf(error);
      if (denies(fault, 'DescribeSecret')) this.permission.deny();
      throw fault;
    }
  }
}
