import createClient from 'openapi-fetch'
import { ApiError, refused, Unreachable } from './errors'
import type { components, paths } from './schema'
import { type Session, token } from './session'

type Schemas = components['schemas']

/** Asks the service as the session. What it refuses is thrown as an `ApiError`. */
async function ask(request: Request): Promise<Response> {
  if (request.method !== 'GET') request.headers.set('x-openpal-csrf', token())
  const response = await fetch(request).catch(() => {
    throw new Unreachable('the service does not answer')
  })
  if (!response.ok) throw await refused(response)
  return response
}

const below = (baseUrl: string) => createClient<paths, 'application/json'>({ baseUrl, fetch: ask })
const own = below('')
const arm = below('/portal/arm')

/** The service's own API. */
export const api = below('/portal')

/** What was answered; what was refused has been thrown. */
export function given<Answer>({ data }: { data?: Answer }): Answer {
  if (data === undefined) throw new Unreachable('the service answers nothing')
  return data
}

/** As the person's own account in another directory. */
const there = (directory?: string) =>
  directory ? { headers: { 'x-openpal-directory': directory } } : {}

const signedIn = (found: { data?: Session | Schemas['SignedOut'] }): Session | null => {
  const session = given(found)
  return session.signedIn ? session : null
}

export const readSession = async () => signedIn(await own.GET('/portal/session'))
export const keepSession = async () => signedIn(await own.POST('/portal/session/keep'))
export const switchDirectory = async (tenantId: string) =>
  signedIn(await own.POST('/portal/session/directory', { body: { tenantId } }))

export async function signOut(everywhere: boolean) {
  await own.POST('/portal/auth/sign-out', { body: { everywhere } })
}

/** Where signing in begins. It comes back to `back`, a path of the portal. */
export function signInAddress(back: string, language: string, tenant?: string) {
  const query = new URLSearchParams({ return: back, ui_locales: language })
  if (tenant) query.set('tenant', tenant)
  return `/portal/auth/sign-in?${query}`
}

export type LinkResource = Schemas['LinkResource']

const PARTNERS = '/providers/microsoft.managementpartner/partners'
const PARTNER = `${PARTNERS}/{id}` as const
const query = { 'api-version': '2018-02-01' } as const
const to = (id: string) => ({ params: { path: { id }, query } })

/** The own link, or `null`. `directory`: in which other one. */
export async function readLink(directory?: string): Promise<LinkResource | null> {
  try {
    return given(await arm.GET(PARTNERS, { params: { query }, ...there(directory) }))
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null
    throw error
  }
}

/** Links; there must be none yet. */
export const createLink = async (partnerId: string, directory?: string) =>
  given(await arm.PUT(PARTNER, { ...to(partnerId), ...there(directory) }))

/** Links to another partner ID in place of the one before. */
export const changeLink = async (partnerId: string, directory?: string) =>
  given(await arm.PATCH(PARTNER, { ...to(partnerId), ...there(directory) }))

export const removeLink = async (partnerId: string, directory?: string) => {
  await arm.DELETE(PARTNER, { ...to(partnerId), ...there(directory) })
}

/** How much of a customer its partners see. */
export type Privacy = Schemas['Privacy']['privacy']

/** Sets it for the session's directory. For its auditors. */
export const setPrivacy = async (level: Privacy) => {
  await api.PUT('/api/v1/access/privacy', { body: { level } })
}

/** A directory of the person, with the link and the access of the account in it. */
export type OwnDirectory = Schemas['OwnDirectory']

/** All directories of the person. */
export const readOwnDirectories = async () => given(await own.GET('/portal/session/links')).value

/** Access that earns credit, or would. */
export type Grant = Schemas['Grant']

/** The own access of the account in the session's directory, or in another of the person's. */
export async function readOwnAccess(directory?: string): Promise<Grant[]> {
  const query = { $top: '1000' }
  return given(await api.GET('/api/v1/me/access', { params: { query }, ...there(directory) })).value
}

/** Which page of a list. */
export interface PageQuery {
  $top: string
  $skiptoken?: string
}

/** Where the next page begins, as its address says. */
export const tokenOf = (nextLink: string | undefined) =>
  nextLink ? (new URL(nextLink).searchParams.get('$skiptoken') ?? undefined) : undefined

/** A list that comes in pages: all of it, or its first `limit` entries. */
export async function readPages<Entry, Rest>(
  limit: number,
  read: (page: PageQuery) => Promise<{ data?: Rest & { value: Entry[]; nextLink?: string } }>,
) {
  const first = given(await read({ $top: '1000' }))
  const value = [...first.value]
  let next = tokenOf(first.nextLink)
  while (next && value.length < limit) {
    const page = given(await read({ $top: '1000', $skiptoken: next }))
    value.push(...page.value)
    next = tokenOf(page.nextLink)
  }
  return { ...first, value, isCut: next !== undefined }
}
