import type { VectorArea } from './area.ts'

export const dataAreas: readonly VectorArea[] = []
