/** The variables that are in scope while a template is parsed. */

export interface VariableScope {
  /** @param name with its dollar */
  declare(name: string): void;
  has(name: string): boolean;
  /** Takes back what was declared since it was made. */
  mark(): () => void;
}

/** Asking takes no longer with many variables: a source of nothing but variables must be parsed soon too. */
export function createVariableScope(): VariableScope {
  const declared: string[] = [];
  const counts = new Map<string, number>();
  return {
    declare(name) {
      declared.push(name);
      counts.set(name, (counts.get(name) ?? 0) + 1);
    },
    has: (name) => (counts.get(name) ?? 0) > 0,
    mark() {
      const length = declared.length;
      return () => {
        for (const name of declared.splice(length)) counts.set(name, (counts.get(name) ?? 0) - 1);
      };
    },
  };
}
