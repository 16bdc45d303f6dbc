import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'

/** Asked before each refresh. Rejects when nobody can tell. */
export type MayUse = (object: Pick<ExternalSecret, 'metadata'>) => Promise<UseRight>

export type UseRight =
  | { readonly verdict: 'yes' }
  /** The object is not the newest: what holds for another one may not hold for it. */
  | { readonly verdict: 'superseded' }
  /** Nothing is refreshed, nothing is deleted; `why` goes into the status. */
  | { readonly verdict: 'no'; readonly why: string }

/** Who cannot be asked has not said yes: the refresh waits. */
export async function useRight(mayUse: MayUse | undefined, object: ExternalSecret): Promise<UseRight> {
  if (mayUse === undefined) return { verdict: 'yes' }
  try {
    return await mayUse(object)
  } catch {
    return {
      verdict: 'no',
      why: 'whether the stores may still be used cannot be found out; the refresh is tried again',
    }
  }
}
