/**
 * The address that a provider's paths are put behind; undefined for what cannot be one. A user and password would be
 * told with the address in every error, and a query or fragment would swallow the path.
 */
export function baseUrl(text: string): URL | undefined {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return undefined
  const url = new URL(text)
  const isPlain = url.username === '' && url.password === '' && !/[?#]/.test(text)
  return isPlain ? url : undefined
}
