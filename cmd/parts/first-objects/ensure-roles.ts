import { rulesIn } from '../../../apiserver/authorization/rbac/rbac-object.ts'
import type { RbacClients } from '../../../apiserver/authorization/rbac/role-book.ts'
import { missingRules } from '../../../apiserver/authorization/rbac/rules.ts'
import { ensured, writer } from './ensured.ts'
import { firstBindings, firstRoles } from './first-roles.ts'

/** As kube-apiserver does at each start: what is missing is made, rules that are missing are added, none is taken. */
export async function ensureRoles({ clusterRoles, clusterRoleBindings }: RbacClients): Promise<void> {
  for (const role of firstRoles) {
    const live = await ensured(clusterRoles, role)
    if (live?.metadata.annotations?.['rbac.authorization.kubernetes.io/autoupdate'] !== 'true') continue
    const lacking = rulesIn(role).filter((rule) => missingRules(rulesIn(live), [rule]).length > 0)
    if (lacking.length > 0) await clusterRoles.update({ ...live, rules: [...rulesIn(live), ...lacking] }, writer)
  }
  for (const binding of firstBindings) await ensured(clusterRoleBindings, binding)
}
