import type { JsonObject } from '../../machinery/object.ts'
import type { VectorArea } from './area.ts'
import { caseList } from './case-list.ts'

/** Cases of the template engine, which is not there yet. */
export const templateAreas: readonly VectorArea[] = [
  skipped('execute', (one: { readonly id?: string }) => one.id),
  skipped('secretTemplates', (one: { readonly id?: string }) => one.id),
  skipped('functions', (one: { readonly function?: string }) => one.function),
  skipped('yamlScalarParsing', (one: { readonly id?: string }) => one.id, 'cases'),
]

function skipped<T>(name: string, nameOf: (one: T) => string | undefined, ...path: readonly string[]): VectorArea {
  return {
    name: `template.${name}`,
    cases: (file: JsonObject) =>
      caseList<T>(file, name, ...path).map((one, index) => ({
        name: nameOf(one) ?? `${index}`,
        run: () => ({ skipped: 'templates are not served yet' }),
      })),
  }
}
