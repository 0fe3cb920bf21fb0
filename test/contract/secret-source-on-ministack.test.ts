/**
 * Where ministack differs from AWS's documentation, as far as the suite touches it: it answers a batch of any size
 * and one that names a secret twice, and it verifies no signature (an unknown access key id it does refuse).
 */

import { startMinistack } from '../harness/aws-endpoint.ts';
import { secretSourceContract } from './secret-source-contract.ts';

secretSourceContract('ministack', () => startMinistack(), { judgesCredentials: true });
