interface Violation {
  readonly message: string
  readonly policy: string
  readonly binding: string
  readonly expressionIndex: number
  readonly validationActions: readonly string[]
}

const violationCountMax = 50

/** What the policies of one write leave in the audit trail. */
export class AuditTrail {
  readonly #violations: Violation[] = []
  readonly #annotations = new Map<string, Set<string>>()

  violation(violation: Violation): void {
    if (this.#violations.length < violationCountMax) this.#violations.push(violation)
  }

  /** Bindings may say different things; each is told once. */
  annotation(key: string, value: string): void {
    const values = this.#annotations.get(key) ?? new Set()
    this.#annotations.set(key, values.add(value))
  }

  tell(annotate: (key: string, value: string) => void): void {
    for (const [key, values] of this.#annotations) annotate(key, [...values].join(', '))
    if (this.#violations.length === 0) return
    annotate('validation.policy.admission.k8s.io/validation_failure', JSON.stringify(this.#violations))
  }
}
