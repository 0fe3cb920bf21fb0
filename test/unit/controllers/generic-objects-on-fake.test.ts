import { genericObjectsContract, sortedContent } from '../../contract/generic-objects-contract.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { FakeGenericObjects } from './fake-generic-objects.ts';

genericObjectsContract('the fake', () => {
  const objects = new FakeGenericObjects(createVirtualClock());
  objects.serve('v1', 'ConfigMap');
  objects.serve('example.com/v1', 'AppConfig');
  return {
    objects,
    namespace: 'team',
    owner: { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: 'uid-owner' },
    custom: { apiVersion: 'example.com/v1', kind: 'AppConfig' },
    async content(kind, name) {
      const content = objects.content(kind, `team/${name}`);
      return content && sortedContent(content);
    },
    edit: async (kind, name, content) => objects.edit(kind, `team/${name}`, content),
  };
});
