export interface FieldRequirement {
  readonly path: string
  readonly operator: '=' | '!='
  readonly value: string
}

/** All must hold. Throws SelectorError. */
export function parseFieldSelector(text: string): readonly FieldRequirement[] {
  return text === '' ? [] : []
}
