import { fold } from '../parts/fold'

/** What can be asked about: a subscription, a resource group, or a resource. */
export interface Resource {
  /** As Azure writes it, from `/subscriptions/` on. */
  id: string
  subscription: string
  /** `null` = the subscription itself, or a resource outside of resource groups. */
  group: string | null
  kind: 'subscription' | 'group' | 'resource'
}

/** Why a text is none. */
export type Unclear = 'empty' | 'managementGroup' | 'shape'

const GUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
const ALONE = new RegExp(`^\\{?(${GUID})\\}?$`, 'i')
const INSIDE = new RegExp(`(?:^|/)subscriptions/(${GUID})(?=/|$)([^?#&"'<>\\s]*)`, 'i')
const MANAGEMENT_GROUP = /microsoft\.management\/managementgroups\//i

/** Addresses of the Azure portal have ids in them that are escaped, sometimes twice. */
function unescaped(text: string): string {
  try {
    const once = decodeURIComponent(text)
    return once === text ? text : unescaped(once)
  } catch {
    return text
  }
}

/** As people paste it: with blanks, quotes and line ends around and in it. */
const plain = (text: string) =>
  unescaped(text.replace(/[\s\u00a0\u200b\u202f\ufeff]+/g, ' ').trim()).replace(
    /^["'<(]+|[>"'),;]+$/g,
    '',
  )

/** `providers/NAMESPACE/type/name…`, without the page of the Azure portal that may follow. */
function provider(segments: string[]): string[] {
  const [word, namespace, ...rest] = segments
  if (!word || fold(word) !== 'providers' || !namespace) return []
  const pairs: string[] = []
  while (rest.length >= 2 && fold(rest[0] ?? '') !== 'providers') pairs.push(...rest.splice(0, 2))
  return pairs.length ? [word, namespace, ...pairs, ...provider(rest)] : []
}

/** The resource that a text names: an id, an address of the Azure portal, a subscription's GUID. */
export function resourceOf(text: string): Resource | Unclear {
  const given = plain(text)
  if (!given) return 'empty'
  const alone = ALONE.exec(given)
  const inside = INSIDE.exec(given)
  const subscription = (alone ?? inside)?.[1]?.toLowerCase()
  if (!subscription) return MANAGEMENT_GROUP.test(given) ? 'managementGroup' : 'shape'
  const root = `/subscriptions/${subscription}`
  const rest = (inside?.[2] ?? '').split('/').filter(Boolean)
  const isGroup = fold(rest[0] ?? '') === 'resourcegroups' && rest[1]
  const group = isGroup ? (rest[1] ?? null) : null
  const within = provider(group ? rest.slice(2) : rest)
  const id = [root, ...(group ? ['resourceGroups', group] : []), ...within].join('/')
  const kind = within.length ? 'resource' : group ? 'group' : 'subscription'
  return { id, subscription, group, kind }
}

export const isClear = (found: Resource | Unclear): found is Resource => typeof found !== 'string'
