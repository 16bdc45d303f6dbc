import { oneOf } from '../../machinery/schema/builder.ts'

/** What may be done to a value between the provider and the Secret. Absent means Default, None or Ignore. */
export const conversionStrategy = oneOf(
  'How characters that a Secret key cannot hold are replaced: by _ (Default) or by their code point (Unicode).',
  ['Default', 'Unicode'],
)

export const decodingStrategy = oneOf('How the value is decoded before it is stored; not at all when absent.', [
  'Auto',
  'Base64',
  'Base64URL',
  'None',
])

export const metadataPolicy = oneOf('Fetch reads the metadata of the remote secret instead of its value.', [
  'None',
  'Fetch',
])

export const nullBytePolicy = oneOf('Fail refuses a value that contains a null byte; Ignore, the default, takes it.', [
  'Ignore',
  'Fail',
])
