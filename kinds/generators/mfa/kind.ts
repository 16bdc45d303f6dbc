import { defineKind } from '../../../apiserver/registry/kind.ts'
import { generatorKind } from '../generator-kind.ts'

export const mfaGenerator = defineKind(generatorKind('MFA'))
