import { FakeSecretsManager } from '../../contract/fake-secrets-manager.ts';
import { secretSourceContract } from '../../contract/secret-source-contract.ts';

secretSourceContract('the fake over HTTP', () => FakeSecretsManager.start(), { judgesCredentials: true });
