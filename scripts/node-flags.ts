/**
 * How Node is started for the operator: by the image, the tests and the benchmark.
 *
 * V8 gives the heap room according to the machine's memory, which is not ours: at 3,000 ExternalSecrets it held 200 MiB
 * for 45 MiB of objects. A small young generation and an old one that is collected when it has grown by 30% took
 * the process from 285 to 154 MiB for some 5% of its CPU time. Neither is a limit: what is needed is had.
 */
export const NODE_FLAGS: readonly string[] = ['--max-semi-space-size=4', '--heap-growing-percent=30'];

/**
 * What glibc is told: buffers of many threads in one arena, and large ones given back when they are freed
 * (mallopt(3)). Another 14 MiB less at 3,000 ExternalSecrets. It means nothing to other C libraries.
 */
export const MALLOC_ENVIRONMENT: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
};
