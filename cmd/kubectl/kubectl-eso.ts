#!/usr/bin/env node
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

/**
 * A plugin of kubectl (`kubectl eso ...`): makes the verbs of docs/verbs.md comfortable. It has no connection of its
 * own; whatever it asks, kubectl asks, with the kubeconfig and the rights that kubectl has.
 */
const help = `kubectl eso COMMAND NAME [flags]

  refresh NAME         asks the provider now and waits for what comes of it
  preview NAME         what would be written: keys, sizes, sources, errors
      -f FILE          of the manifest in FILE (- is the standard input) instead of the stored object
      --show-values    with the values, for those who may get externalsecrets/values
  effective NAME       the ExternalSecret with all defaults
  test STORE           what the credentials of the store can do
      --key KEY        tries to read KEY, too; may be repeated
  refresh-store STORE  everything that reads from the store is asked for anew
      --key KEY        what reads KEY
      --prefix PREFIX  what reads below PREFIX

  --cluster-store      STORE is a ClusterSecretStore
  -o json              the answer as it came
  -n, --namespace; --context; --kubeconfig; --as; --as-group; --request-timeout: as for kubectl

The exit code is 1 where something failed or is not as it should be.
`

type Json = Readonly<Record<string, unknown>>

const passedOn = ['context', 'kubeconfig', 'as', 'as-group', 'request-timeout'] as const

function argumentsOf(words: readonly string[]) {
  const word = { type: 'string' } as const
  return parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      context: word,
      kubeconfig: word,
      as: word,
      'as-group': word,
      'request-timeout': word,
      namespace: { ...word, short: 'n' },
      filename: { ...word, short: 'f' },
      output: { ...word, short: 'o' },
      prefix: word,
      key: { ...word, multiple: true },
      'cluster-store': { type: 'boolean' },
      'show-values': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
}

type Flags = ReturnType<typeof argumentsOf>['values']

class Plugin {
  readonly #flags: Flags
  readonly #name: string

  constructor(flags: Flags, name: string) {
    this.#flags = flags
    this.#name = name
  }

  run(command: string): boolean {
    switch (command) {
      case 'refresh':
        return this.#shown(this.#post('externalsecrets', 'refresh', {}), refreshText, ({ synced }) => isTrue(synced))
      case 'preview':
        return this.#shown(this.#post('externalsecrets', 'preview', this.#previewed()), previewText, isFaultless)
      case 'effective':
        printJson(this.#kubectlJson(['get', '--raw', this.#path('externalsecrets', 'effective')]))
        return true
      case 'test':
        return this.#shown(this.#onStore('test', this.#tried()), testText, ({ usable }) => isTrue(usable))
      case 'refresh-store':
        return this.#shown(this.#onStore('refresh', this.#chosen()), refreshStoreText, () => true)
      default:
        throw new Error(`there is no command ${JSON.stringify(command)}; kubectl eso --help lists them`)
    }
  }

  #shown(answer: Json, textOf: (status: Json) => string, isGood: (status: Json) => boolean): boolean {
    const status = (answer['status'] ?? {}) as Json
    if (this.#flags.output === 'json') printJson(answer)
    else print(textOf(status))
    return isGood(status)
  }

  #onStore(verb: string, body: object): Json {
    return this.#post(this.#flags['cluster-store'] ? 'clustersecretstores' : 'secretstores', verb, body)
  }

  #post(resource: string, verb: string, body: object): Json {
    return this.#kubectlJson(['create', '--raw', this.#path(resource, verb), '-f', '-'], JSON.stringify(body))
  }

  #previewed(): object {
    const { filename, 'show-values': showsValues } = this.#flags
    const hideValues = showsValues !== true
    if (filename === undefined) return { hideValues }
    const read = ['create', '--dry-run=client', '--validate=false', '-o', 'json', '-f', filename]
    return { hideValues, spec: this.#kubectlJson(read, undefined)['spec'] }
  }

  #tried(): object {
    const { key } = this.#flags
    return key === undefined ? {} : { spec: { remoteKeys: key } }
  }

  #chosen(): object {
    const { key, prefix } = this.#flags
    return { spec: { ...(key && { remoteKey: key[0] }), ...(prefix && { prefix }) } }
  }

  #path(resource: string, verb: string): string {
    const namespace = resource === 'clustersecretstores' ? '' : `namespaces/${this.#namespace()}/`
    return `/apis/external-secrets.io/v1/${namespace}${resource}/${encodeURIComponent(this.#name)}/${verb}`
  }

  #namespace(): string {
    const { namespace } = this.#flags
    if (namespace !== undefined) return namespace
    return this.#kubectl(['config', 'view', '--minify', '-o', 'jsonpath={..namespace}']).trim() || 'default'
  }

  #kubectlJson(words: readonly string[], input?: string): Json {
    return JSON.parse(this.#kubectl(words, input)) as Json
  }

  /** kubectl says itself what went wrong. */
  #kubectl(words: readonly string[], input?: string): string {
    const given = passedOn.filter((name) => this.#flags[name] !== undefined)
    const further = given.map((name) => `--${name}=${this.#flags[name]}`)
    const result = spawnSync('kubectl', [...words, ...further], {
      encoding: 'utf8',
      stdio: [input === undefined ? 'inherit' : 'pipe', 'pipe', 'inherit'],
      ...(input !== undefined && { input }),
      maxBuffer: 64 * 1024 * 1024,
    })
    if (result.error) throw new Error('kubectl cannot be run: it has to be on the PATH')
    if (result.status !== 0) throw new Error('')
    return result.stdout
  }
}

function isTrue(value: unknown): boolean {
  return value === true
}

function isFaultless({ errors }: Json): boolean {
  return listOf(errors).length === 0
}

function refreshText({ conditions, detail, syncedResourceVersion }: Json): string {
  const ready = listOf(conditions).find(({ type }) => text(type) === 'Ready')
  const version = syncedResourceVersion === undefined ? '' : `synced version: ${text(syncedResourceVersion)}\n`
  const why = detail === undefined ? '' : `${text(detail)}\n`
  return `Ready ${text(ready?.['status'])}: ${text(ready?.['message'])}\n${why}${version}`
}

function previewText({ targetName, keys, fetched, errors }: Json): string {
  const rows = (list: unknown): readonly string[][] => listOf(list).map(previewRow)
  const head = ['KEY', 'BYTES', 'HMAC', 'FROM', 'VALUE']
  const seen = listOf(fetched).length === 0 ? '' : `\nWhat templates see:\n${table([head, ...rows(fetched)])}`
  const wrong = listOf(errors).map(({ field, message }) => `error: ${text(field)}: ${text(message)}\n`)
  return `Secret ${text(targetName)}\n${table([head, ...rows(keys)])}${seen}${wrong.join('')}`
}

function previewRow({ key, sizeBytes, hmac, from, value }: Json): string[] {
  const { field, remoteKey, property, version, storeName } = (from ?? {}) as Json
  const remote = [storeName, remoteKey, property].filter((part) => part !== undefined).map(text)
  const at = version === undefined ? '' : `@${text(version)}`
  const source = remote.length === 0 ? text(field) : `${remote.join(' ')}${at}`
  const shown = value === undefined ? '' : JSON.stringify(Buffer.from(text(value), 'base64').toString())
  return [text(key), text(sizeBytes), text(hmac).slice(0, 12), source, shown]
}

function testText({ usable, can, checks }: Json): string {
  const rows = listOf(checks).map(({ what, remoteKey, result, message }) => [
    remoteKey === undefined ? text(what) : `${text(what)} ${text(remoteKey)}`,
    text(result),
    text(message),
  ])
  const verdict = isTrue(usable) ? 'can be used' : 'cannot be used'
  const uses = listOf(can).length === 0 ? '' : ` to ${listOf(can).map(text).join(', ')}`
  return `The store ${verdict}${uses}.\n${table(rows)}`
}

function refreshStoreText({ refreshing }: Json): string {
  return `${text(refreshing)} ExternalSecrets are asked for anew\n`
}

function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : []
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

function printJson(value: Json): void {
  print(`${JSON.stringify(value, null, 2)}\n`)
}

function print(text: string): void {
  process.stdout.write(text)
}

function main(words: readonly string[]): number {
  try {
    const { values, positionals } = argumentsOf(words)
    const [command, name, ...rest] = positionals
    if (values.help === true || command === undefined) print(help)
    if (values.help === true || command === undefined) return values.help === true ? 0 : 2
    if (name === undefined || rest.length > 0) throw new Error(`kubectl eso ${command} takes one name`)
    return new Plugin(values, name).run(command) ? 0 : 1
  } catch (error) {
    const message = error instanceof Error ? error.message : ''
    if (message !== '') process.stderr.write(`kubectl eso: ${message}\n`)
    return 1
  }
}

process.exitCode = main(process.argv.slice(2))
