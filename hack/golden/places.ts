/** The base URLs that stand behind the placeholders of a case; absent where the machine has no such peer. */
export interface Places {
  readonly OPENBAO_ADDR?: string
  readonly AWS_ENDPOINT?: string
  readonly KUBE_APISERVER?: string
  readonly WEBHOOK_URL?: string
  /** A URL where nothing listens. */
  readonly CLOSED_URL: string
  /** base64 PEM of the CA of KUBE_APISERVER. */
  readonly KUBE_CA?: string
}

/** The peers a case names that are not here. */
export function missingPlaces(text: string, places: Places): string[] {
  const wanted = new Set([...text.matchAll(/\$\{([A-Z_]+)(?:\|host)?\}/g)].map(([, name = '']) => name))
  return [...wanted].filter((name) => places[name as keyof Places] === undefined)
}

/** The text with every placeholder replaced: `${X}` by the URL, `${X|host}` by its host and port. */
export function filledIn(text: string, places: Places): string {
  return text.replace(/\$\{([A-Z_]+)(\|host)?\}/g, (whole, name: keyof Places, host?: string) => {
    const url = places[name]
    if (url === undefined) return whole
    return host ? new URL(url).host : url
  })
}
