import createClient from 'openapi-fetch'
import { refused, Unreachable } from './errors'
import type { paths } from './schema'
import { type Session, token } from './session'

/** Asks the service as the session; `directory` = as the person's own account there instead. */
async function ask(request: Request, directory?: string): Promise<Response> {
  if (request.method !== 'GET') request.headers.set('x-openpal-csrf', token())
  if (directory) request.headers.set('x-openpal-directory', directory)
  const response = await fetch(request).catch(() => {
    throw new Unreachable('the service does not answer')
  })
  if (!response.ok) throw await refused(response)
  return response
}

/** The service's own API. What it refuses is thrown as an `ApiError`. */
export const api = createClient<paths>({ baseUrl: '/portal', fetch: (request) => ask(request) })

const own = (path: string, method = 'GET', body?: unknown) =>
  new Request(`/portal${path}`, {
    method,
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }),
  })

async function session(request: Request): Promise<Session | null> {
  const found = (await (await ask(request)).json()) as Session | { signedIn: false }
  return found.signedIn ? found : null
}

export const readSession = () => session(own('/session'))
export const keepSession = () => session(own('/session/keep', 'POST'))
export const switchDirectory = (tenantId: string) =>
  session(own('/session/directory', 'POST', { tenantId }))

export async function signOut(everywhere: boolean) {
  await ask(own('/auth/sign-out', 'POST', { everywhere }))
}

/** Where signing in begins. It comes back to `back`, a path of the portal. */
export function signInAddress(back: string, language: string, tenant?: string) {
  const query = new URLSearchParams({ return: back, ui_locales: language })
  if (tenant) query.set('tenant', tenant)
  return `/portal/auth/sign-in?${query}`
}

/** A link, as Azure's resource provider shows it. */
export interface LinkResource {
  name: string
  etag: number
  properties: {
    partnerId: string
    partnerName?: string
    tenantId: string
    objectId: string
    version: number
    updatedTime: string
    createdTime: string
    state: 'Active' | 'Deleted'
  }
}

const PARTNERS = '/arm/providers/microsoft.managementpartner/partners'

const link = (partnerId: string, method: string) =>
  own(`${PARTNERS}${partnerId && '/'}${partnerId}?api-version=2018-02-01`, method)

const asLink = async (response: Promise<Response>) =>
  (await (await response).json()) as LinkResource

/** The own link, or `null`. `directory`: see `ask`. */
export async function readLink(directory?: string): Promise<LinkResource | null> {
  try {
    return await asLink(ask(link('', 'GET'), directory))
  } catch (error) {
    if (error instanceof Error && 'status' in error && error.status === 404) return null
    throw error
  }
}

/** Links; there must be none yet. `directory`: see `ask`. */
export const createLink = (partnerId: string, directory?: string) =>
  asLink(ask(link(partnerId, 'PUT'), directory))

/** Links to another partner ID in place of the one before. */
export const changeLink = (partnerId: string, directory?: string) =>
  asLink(ask(link(partnerId, 'PATCH'), directory))

export const removeLink = async (partnerId: string, directory?: string) => {
  await ask(link(partnerId, 'DELETE'), directory)
}

/** How much of a customer its partners see. */
export type Privacy = 'full' | 'subscription' | 'tenant-total' | 'masked'

/** Sets it for the session's directory. For its auditors. */
export const setPrivacy = async (level: Privacy) => {
  await ask(own('/api/v1/access/privacy', 'PUT', { level }))
}

/** A directory of the person, with the link and the access of the account in it. */
export interface OwnDirectory {
  tenantId: string
  tenantName: string | null
  domain: string | null
  objectId: string
  name: string | null
  how: 'guest' | 'member'
  link: {
    partnerId: string
    partnerName: string | null
    version: number
    createdTime: string
    updatedTime: string
  } | null
  access: { subscriptions: number; role: 'Owner' | 'Contributor' | 'Reader' | null }
  roles: { viewer: boolean; linkAdministrator: boolean; auditor: boolean; operator: boolean }
}

/** All directories of the person. */
export async function readOwnDirectories(): Promise<OwnDirectory[]> {
  const found = (await (await ask(own('/session/links'))).json()) as { value: OwnDirectory[] }
  return found.value
}

/** Access that earns credit, or would. */
export interface Grant {
  scope: string
  scopeName: string | null
  customerTenantId: string | null
  customerTenantName: string | null
  role: string
  roleClass: 'Owner' | 'Contributor' | 'Reader'
  pecEligible: boolean
  via: { kind: 'group' | 'delegation'; id: string; name: string | null }[]
  from: string | null
  to: string | null
  eligibleOnly: boolean
  /** A deny assignment takes all of it away. */
  denied: boolean
  condition: boolean
  /** The start of the grant, or of a membership on the way to it, is assumed. */
  assumed: boolean
}

/** The own access of the account in the session's directory, or in another of the person's. */
export async function readOwnAccess(directory?: string): Promise<Grant[]> {
  const request = own('/api/v1/me/access?$top=1000')
  const found = (await (await ask(request, directory)).json()) as { value: Grant[] }
  return found.value
}

/** A list that comes in pages: all of it, or its first `limit` entries. `path` is below `/portal`. */
export async function readPages<Entry, Answer extends { value: Entry[] }>(
  path: string,
  limit: number,
): Promise<Answer & { isCut: boolean }> {
  const join = path.includes('?') ? '&' : '?'
  const read = async (from: string) =>
    (await (await ask(own(from))).json()) as Answer & { nextLink?: string }
  const first = await read(`${path}${join}$top=1000`)
  const value = [...first.value]
  let { nextLink } = first
  while (nextLink && value.length < limit) {
    // The next page is at this service, whatever name it knows itself by.
    const { pathname, search } = new URL(nextLink)
    const page = await read(pathname.replace(/^\/portal/, '') + search)
    value.push(...page.value)
    nextLink = page.nextLink
  }
  return { ...first, value, isCut: nextLink !== undefined }
}
