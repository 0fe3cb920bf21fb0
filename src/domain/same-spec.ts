/**
 * Whether two specs of an ExternalSecret say the same, where External Secrets Operator has written one of them: it writes
 * durations in Go's own form (`1h0m0s` for `1h`), and some members that are empty where there were none. Pure.
 */

import type { ExternalSecretSpec } from '../api/external-secret.ts';
import { parseDurationMs } from './duration.ts';
import { sameValue } from './same-value.ts';

/** Milliseconds, or the text of what is no duration. */
function lengthOf(duration: string | undefined): number | string | undefined {
  return duration === undefined ? undefined : (parseDurationMs(duration) ?? duration);
}

function unlessEmpty<T extends object>(value: T | undefined): T | undefined {
  return value === undefined || Object.keys(value).length === 0 ? undefined : value;
}

/** An empty template stays: it says something else than none. */
function templateOf({ target }: ExternalSecretSpec): object | undefined {
  const template = target?.template;
  return template && { ...template, metadata: unlessEmpty(template.metadata) };
}

function meaningOf(spec: ExternalSecretSpec): object {
  const { refreshInterval, syncWindows, secretStoreRef, target } = spec;
  return {
    ...spec,
    refreshInterval: lengthOf(refreshInterval),
    secretStoreRef: unlessEmpty(secretStoreRef),
    target: target && { ...target, template: templateOf(spec) },
    syncWindows: syncWindows && {
      ...syncWindows,
      windows: syncWindows.windows.map(({ schedule, duration }) => ({ schedule, duration: lengthOf(duration) })),
    },
  };
}

export function sameSpec(a: ExternalSecretSpec | undefined, b: ExternalSecretSpec): boolean {
  return a !== undefined && sameValue(meaningOf(a), meaningOf(b));
}
