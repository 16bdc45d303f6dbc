/** The process as a subcommand sees it. */
export interface Terminal {
  print(text: string): void
  /** Progress and complaints: not what was asked for. */
  tell(text: string): void
  /** Resolves when somebody asks the process to end. */
  readonly interrupted: Promise<'interrupted'>
}
