import { map, object, required, string, type Infer } from '../../machinery/schema/builder.ts'
import { caSource } from '../selectors.ts'

/** What a store and a generator say alike of the call they make. */
export const callFields = {
  url: required(string('The address to call; a template.')),
  method: string('The method of the call; GET when absent.'),
  headers: map('Headers of the call.', string('The value of one header; a template.')),
  body: string('The body of the call; a template.'),
  timeout: string('How long the call may take, as in 10s.'),
  result: object('What of the answer counts.', {
    jsonPath: string('A JSONPath into the answer; a template. Without it the answer counts as it is.'),
  }),
  caBundle: string('The CA certificates the server is trusted by, PEM in base64.', { format: 'byte' }),
  caProvider: caSource('Where the CA certificates are found instead.'),
}

export type CallSpec = Infer<ReturnType<typeof object<typeof callFields>>>
