import { Mapping } from './value.ts'
import type { Value } from './value.ts'

/** What `Type{...}` made: members by the names that JSON knows them by. */
export class Message extends Mapping {
  readonly messageType: string
  readonly members: ReadonlyMap<string, Value>

  constructor(messageType: string, members: ReadonlyMap<string, Value>) {
    super(
      () => [...members.keys()],
      (key) => (typeof key === 'string' ? members.get(key) : undefined),
    )
    this.messageType = messageType
    this.members = members
  }
}
