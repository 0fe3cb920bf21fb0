/** Describes secrets as far as the identity may: no value moves by it, and no KMS key is used. */

import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import type { Clock } from '../ports/clock.ts';
import { faultOf } from './aws-fault.ts';
import { denies } from './aws-text.ts';
import { Permission } from './permission.ts';
import { readDescription, type SecretDescription } from './secret-description.ts';
import type { Errand, SecretsManagerCalls } from './secrets-manager-calls.ts';

export interface SecretDescriberOptions {
  readonly calls: SecretsManagerCalls;
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
  async describe(key: string, errand: Errand): Promise<SecretDescription> {
    const command = new DescribeSecretCommand({ SecretId: key });
    try {
      const reply = await this.#options.calls.ask('DescribeSecret', command, errand);
      this.permission.grant();
      return readDescription(reply);
    } catch (error) {
      const fault = faultOf(error);
      if (denies(fault, 'DescribeSecret')) this.permission.deny();
      throw fault;
    }
  }
}
