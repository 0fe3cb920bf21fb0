import { startMoto } from '../harness/aws-endpoint.ts';
import { secretSourceContract } from './secret-source-contract.ts';

secretSourceContract('moto', () => startMoto(), { judgesCredentials: false });
