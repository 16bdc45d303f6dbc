/** What ESO says of a target, which depends on whether it is a Secret (eso-behaviour.md 1.11). */
export interface Words {
  /** The reason of the condition; ours are those of Secrets. */
  reason(reason: string): string
  named(name: string): string
  readonly absent: string
  readonly undeletable: string
  readonly unrenderable: string
  readonly unwritable: string
  written(how: 'Created' | 'Updated', name: string): string
  deleted(why: string, name: string): string
  /** status.binding names Secrets only. */
  readonly isBound: boolean
}

export const secretWords: Words = {
  reason: (reason) => reason,
  named: (name) => `secret ${name}`,
  absent: 'secret will not be created due to CreationPolicy=Merge',
  undeletable: 'could not delete secret',
  unrenderable: 'could not update secret',
  unwritable: 'could not update secret',
  written: (how) => `secret ${how.toLowerCase()}`,
  deleted: (why) => why,
  isBound: true,
}

export function resourceWords(kind: string): Words {
  return {
    reason: (reason) => reason.replace(/^Secret/, 'Resource'),
    named: (name) => `${kind} ${name}`,
    absent: 'resource will not be created due to CreationPolicy=Merge',
    undeletable: 'could not delete resource',
    unrenderable: 'could not apply template to manifest',
    unwritable: `could not update ${kind}`,
    written: (how, name) => `${how} ${kind} ${name}`,
    deleted: (_, name) => `Deleted ${kind} ${name}`,
    isBound: false,
  }
}
