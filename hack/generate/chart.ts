import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { GeneratedFile } from './generated-file.ts'

/**
 * The Helm chart from the files that kustomize reads: the same text with values in the places that installations differ
 * in, and a switch around each component. Names stay as they are, for a cluster has the group once.
 */
export function chart(root: string): readonly GeneratedFile[] {
  const read = (path: string): string => readFileSync(join(root, 'manifests', path), 'utf8')
  const resources = (folder: string): readonly string[] => resourcesOf(read(`${folder}/kustomization.yaml`))
  const replaced = new Set<string>()
  const base = resources('base')
    // The release has a namespace already.
    .filter((file) => file !== 'namespace.yaml')
    .map((file) => template(file, templated(read(`base/${file}`), replaced)))
  const switched = Object.entries(components).flatMap(([folder, value]) =>
    resources(`components/${folder}`).map((file) => {
      const text = templated(read(`components/${folder}/${file}`), replaced)
      return template(`${folder}-${basename(file)}`, `{{- if .Values.${value}.enabled }}\n${text}{{- end }}\n`)
    }),
  )
  for (const { from } of places) if (!replaced.has(from)) throw new Error(`the manifests do not say ${from}`)
  return [chartFile(root), ...base, ...switched]
}

/** What switches each component of manifests/components on. */
const components: Readonly<Record<string, string>> = {
  'provider-egress': 'providerEgress',
  'webhook-egress': 'webhookEgress',
  'watch-secrets': 'watchSecrets',
  monitoring: 'monitoring',
  'access-policies': 'accessPolicies',
  'two-processes': 'twoProcesses',
  'cert-manager': 'certManager',
}

const extraArgs = [
  '            {{- range .Values.extraArgs }}',
  '            - {{ . | quote }}',
  '            {{- end }}',
].join('\n')

const secretCertificates = [
  '            {{- if .Values.certManager.enabled }}',
  '            - --certificates=secret',
  '            {{- end }}',
].join('\n')

/** Of the account that reaches providers. */
const accountAnnotations = [
  '  {{- with .Values.serviceAccount.annotations }}',
  '  annotations: {{- toYaml . | nindent 4 }}',
  '  {{- end }}',
  '',
].join('\n')

interface Place {
  readonly from: string
  readonly to: string
}

/** `from` is there at least once, or generating fails. */
const places: readonly Place[] = [
  // First, so that no braces but those of Prometheus are meant.
  { from: '{{ $labels.name }}', to: '{{ "{{ $labels.name }}" }}' },
  { from: 'namespace: external-secrets\n', to: 'namespace: {{ .Release.Namespace }}\n' },
  { from: '.external-secrets.svc', to: '.{{ .Release.Namespace }}.svc' },
  {
    from: 'image: external-secrets-apiserver:0.1.0\n',
    to: [
      'image: {{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}',
      '          imagePullPolicy: {{ .Values.image.pullPolicy }}',
      '',
    ].join('\n'),
  },
  {
    from: '            - --shutdown-delay-duration=10s\n',
    to: ['            - --shutdown-delay-duration=10s', extraArgs, ''].join('\n'),
  },
  {
    from: '            - --serve=sync\n',
    to: [secretCertificates, '            - --serve=sync', extraArgs, ''].join('\n'),
  },
  // What kustomize patches.
  {
    from: '            - --aggregated\n            # A port',
    to: [
      '            - --aggregated',
      secretCertificates,
      '            {{- if .Values.twoProcesses.enabled }}',
      '            - --serve=api',
      '            {{- end }}',
      '            # A port',
    ].join('\n'),
  },
  {
    from: '    # Who synchronizes.\n    name: external-secrets-apiserver\n',
    to: '    name: external-secrets-apiserver{{ if .Values.twoProcesses.enabled }}-sync{{ end }}\n',
  },
  {
    from: [
      'resources:',
      '            requests:',
      '              cpu: 100m',
      '              memory: 256Mi',
      '            limits:',
      '              memory: 1Gi',
      '',
    ].join('\n'),
    to: 'resources: {{- toYaml .Values.resources | nindent 12 }}\n',
  },
  {
    from: '      priorityClassName: system-cluster-critical\n',
    to: [
      '      priorityClassName: {{ .Values.priorityClassName }}',
      optional('imagePullSecrets', 6),
      optional('nodeSelector', 6),
      optional('affinity', 6),
      '',
    ].join('\n'),
  },
  { from: 'values: [system-cluster-critical]', to: 'values: [{{ .Values.priorityClassName }}]' },
  {
    from: '# The pod asks for its token itself.\n',
    to: `  {{- if not .Values.twoProcesses.enabled }}\n${accountAnnotations}  {{- end }}\n`,
  },
  {
    from: '# This pod, too, asks for its token itself.\n',
    to: accountAnnotations,
  },
  {
    from: '  accessModes: [ReadWriteOnce]\n',
    to: [
      '  accessModes: [ReadWriteOnce]',
      '  {{- with .Values.storage.className }}',
      '  storageClassName: {{ . }}',
      '  {{- end }}',
      '',
    ].join('\n'),
  },
  { from: 'storage: 2Gi', to: 'storage: {{ .Values.storage.size }}' },
]

function optional(value: string, indent: number): string {
  const space = ' '.repeat(indent)
  return [
    `${space}{{- with .Values.${value} }}`,
    `${space}${value}: {{- toYaml . | nindent ${indent + 2} }}`,
    `${space}{{- end }}`,
  ].join('\n')
}

function resourcesOf(kustomization: string): readonly string[] {
  const [, list = ''] = /^resources:\n((?: {2}- .+\n)+)/m.exec(kustomization) ?? []
  return [...list.matchAll(/- (.+)\n/g)].map(([, file = '']) => file)
}

function templated(text: string, replaced: Set<string>): string {
  let result = text
  for (const { from, to } of places) {
    if (result.includes(from)) replaced.add(from)
    result = result.replaceAll(from, to)
  }
  return result
}

function template(file: string, text: string): GeneratedFile {
  const origin = '{{- /* Generated from manifests/ by `npm run generate`. Do not edit. */}}\n'
  return { path: `manifests/chart/templates/${file}`, text: origin + text }
}

function chartFile(root: string): GeneratedFile {
  const { name, version, description } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageFile
  const lines = [
    '# Generated by `npm run generate`. Do not edit.',
    'apiVersion: v2',
    `name: ${name}`,
    `description: ${JSON.stringify(description)}`,
    'type: application',
    `version: ${version}`,
    `appVersion: "${version}"`,
    'kubeVersion: ">=1.28.0-0"',
  ]
  return { path: 'manifests/chart/Chart.yaml', text: `${lines.join('\n')}\n` }
}

interface PackageFile {
  readonly name: string
  readonly version: string
  readonly description: string
}
