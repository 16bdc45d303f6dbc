import { builtinFunctions } from './builtin.ts'
import { certificateFunctions } from './certificates/generated-certificates.ts'
import { pemFunctions } from './certificates/pem-functions.ts'
import { pkcs12Functions } from './certificates/pkcs12.ts'
import { aesFunctions } from './crypto/aes.ts'
import { hashFunctions } from './crypto/hashes.ts'
import { keyFunctions } from './crypto/keys.ts'
import { passwordFunctions } from './crypto/passwords.ts'
import { randomFunctions } from './crypto/random.ts'
import { pathFunctions } from './data/paths.ts'
import { semverFunctions } from './data/semver.ts'
import { urlFunctions } from './data/urls.ts'
import { dateFunctions } from './dates.ts'
import type { FunctionTable } from './definition.ts'
import { dictionaryFunctions } from './dictionaries.ts'
import { encodingFunctions } from './encoding.ts'
import { yamlFunctions } from './formats/yaml.ts'
import { listFunctions } from './lists.ts'
import { logicFunctions } from './logic.ts'
import { numberFunctions } from './math/numbers.ts'
import { regexFunctions } from './text/regex.ts'
import { stringFunctions } from './text/strings.ts'
import { wordFunctions } from './text/words.ts'

/** Everything that a template of External Secrets Operator can call. */
export const allFunctions: FunctionTable = {
  ...builtinFunctions,
  ...stringFunctions,
  ...wordFunctions,
  ...listFunctions,
  ...dictionaryFunctions,
  ...numberFunctions,
  ...logicFunctions,
  ...encodingFunctions,
  ...regexFunctions,
  ...dateFunctions,
  ...pathFunctions,
  ...urlFunctions,
  ...semverFunctions,
  ...yamlFunctions,
  ...hashFunctions,
  ...randomFunctions,
  ...passwordFunctions,
  ...aesFunctions,
  ...keyFunctions,
  ...certificateFunctions,
  ...pemFunctions,
  ...pkcs12Functions,
}
