/** schema.GroupVersionKind as Go prints it: `example.com/v1, Kind=Widget`, `/v1, Kind=Secret` in the core group. */
export function kindText(apiVersion = '', kind = ''): string {
  return `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`
}
