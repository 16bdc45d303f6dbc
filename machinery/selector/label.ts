export interface LabelSelector {
  /** As it was given; '' selects everything. */
  readonly text: string
  matches(labels: Readonly<Record<string, string>> | undefined): boolean
}

export interface LabelSelectorSpec {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly LabelExpression[]
}

export interface LabelExpression {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

/** Throws SelectorError. */
export function parseLabelSelector(text: string): LabelSelector {
  return { text, matches: () => true }
}

/** Of the declared form (metav1.LabelSelector). Throws SelectorError. */
export function labelSelectorOf(spec: LabelSelectorSpec): LabelSelector {
  return { text: JSON.stringify(spec), matches: () => true }
}
