/** The process as a subcommand sees it. */
export interface Terminal {
  print(text: string): void
  /** Progress and complaints: not what was asked for. */
  tell(text: string): void
  /** Resolves when somebody asks the process to end. */
  readonly interrupted: Promise<'interrupted'>
}

/** Aborts when somebody asks the process to end. */
export function interruptionOf({ interrupted }: Terminal): AbortSignal {
  const interruption = new AbortController()
  void interrupted.then(() => interruption.abort())
  return interruption.signal
}
