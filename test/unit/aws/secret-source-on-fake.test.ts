import { FakeSecretsManager } from '../../contract/fake-secrets-manager.ts';
import { secretFindContract } from '../../contract/secret-find-contract.ts';
import { secretSourceContract } from '../../contract/secret-source-contract.ts';

secretSourceContract('the fake over HTTP', () => FakeSecretsManager.start(), { judgesCredentials: true });
secretFindContract('the fake over HTTP', () => FakeSecretsManager.start());
