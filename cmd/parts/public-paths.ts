/** What is told to anybody. */
export const publicPaths: readonly string[] = ['/version']
