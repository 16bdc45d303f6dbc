import { defineKind } from '../../../apiserver/registry/kind.ts'
import { ageColumn } from '../../shared/age-column.ts'
import { generatorCategories, generatorGroup } from '../generator-kind.ts'
import { generatorStateV1alpha1, type GeneratorState } from './v1alpha1.ts'

export const generatorState = defineKind({
  group: generatorGroup,
  names: {
    kind: 'GeneratorState',
    plural: 'generatorstates',
    shortNames: ['gs'],
    categories: generatorCategories,
  },
  scope: 'namespaced',
  versions: { v1alpha1: { schema: generatorStateV1alpha1 } },
  storageVersion: 'v1alpha1',
  defaults: 'virtual',
  columns: [
    {
      name: 'GC Deadline',
      type: 'string',
      description: 'When what was generated is given back.',
      value: (object) => (object as Partial<GeneratorState>).spec?.garbageCollectionDeadline,
    },
    ageColumn,
  ],
})
