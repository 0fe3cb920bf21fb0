/** moto judges no credentials, and refuses a whole batch for a secret that has no value. */

import { sharedMoto } from '../harness/shared.ts';
import { secretSourceContract } from './secret-source-contract.ts';

secretSourceContract('moto', sharedMoto, { judgesCredentials: false });
