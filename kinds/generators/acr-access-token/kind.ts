import { defineKind } from '../../../apiserver/registry/kind.ts'
import { generatorKind } from '../generator-kind.ts'

export const acrAccessToken = defineKind(generatorKind('ACRAccessToken'))
