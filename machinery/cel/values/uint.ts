/** A CEL uint: a bigint by itself is a CEL int. */
export class Uint {
  readonly typeName = 'uint'
  readonly value: bigint

  constructor(value: bigint) {
    this.value = value
  }
}
