/**
 * Where moto differs from AWS's documentation, as far as this touches it: it judges no credentials, answers a batch of
 * any size and one that names a secret twice, answers "not found" with status 404, and refuses a whole batch for one
 * secret that has no value.
 */

import { sharedMoto } from '../harness/shared.ts';
import { secretFindContract } from './secret-find-contract.ts';
import { secretSourceContract } from './secret-source-contract.ts';

secretSourceContract('moto', sharedMoto, { judgesCredentials: false });
secretFindContract('moto', sharedMoto);
