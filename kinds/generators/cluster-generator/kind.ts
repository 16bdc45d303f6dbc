import { defineKind } from '../../../apiserver/registry/kind.ts'
import { generatorCategories, generatorGroup } from '../generator-kind.ts'
import { clusterGeneratorV1alpha1 } from './v1alpha1.ts'

export const clusterGenerator = defineKind({
  group: generatorGroup,
  names: { kind: 'ClusterGenerator', plural: 'clustergenerators', categories: generatorCategories },
  scope: 'cluster',
  versions: { v1alpha1: { schema: clusterGeneratorV1alpha1 } },
  storageVersion: 'v1alpha1',
  subresources: ['status'],
  defaults: 'virtual',
})
