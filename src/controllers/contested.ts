/** What is said of something that others change again and again, and that is therefore followed more slowly. */

import type { SyncReason } from '../domain/plan.ts';

export function contested(name: string, because: SyncReason): { readonly reason: string; readonly message: string } {
  if (because === 'template') {
    return {
      reason: 'TemplateContested',
      message:
        `a ConfigMap or Secret that Secret "${name}" takes templates from changes again and again, and is therefore ` +
        'followed only every few seconds; see its managedFields for who it is, and whether it is made from this Secret',
    };
  }
  return {
    reason: 'TargetContested',
    message:
      `Secret "${name}" is changed again and again by somebody else, and is therefore put right only every few ` +
      'seconds; see its managedFields for who it is, and let one of the two write another Secret',
  };
}
