import type { JsonObject } from '../../machinery/object.ts'

/**
 * One sort of case in the vector files and how we answer it. `hack/vectors.ts` lists the areas; a test runs the same
 * ones through `vectorResults`.
 */
export interface VectorArea {
  /** `fields.roundtrip`, `data.rewrite`: what stands before a case's name in the output. */
  readonly name: string
  /** The cases of this area in the order of the file; none when the file is of another form. */
  readonly cases: (file: JsonObject) => readonly VectorCase[]
}

export interface VectorCase {
  readonly name: string
  /** A case that throws has failed. */
  readonly run: () => VectorOutcome
}

/** Passed when both are equal as JSON (an undefined member is an absent one); `skipped` carries the reason. */
export type VectorOutcome = { readonly expected: unknown; readonly actual: unknown } | { readonly skipped: string }
