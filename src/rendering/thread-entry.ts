/** The code of the thread: the file beside this one, or, inside the bundle, its text (`scripts/bundle/embed-thread.ts`). */

export const THREAD_ENTRY: URL | string = new URL('./thread-main.ts', import.meta.url);
