import type { components } from './schema'

type Schemas = components['schemas']

/** The session in the browser's cookie, as `GET /portal/session` shows it. */
export type Session = Schemas['Session']
export type Account = Schemas['SessionAccount']
export type Directory = Schemas['Directory']
export type Roles = Schemas['Roles']

/** What a directory is called. */
export const directoryName = (of: {
  tenantName: string | null
  domain: string | null
  tenantId: string
}) => of.tenantName ?? of.domain ?? of.tenantId

/** Whether two sessions are of one account in one directory. */
export const isSame = (one: Session, other: Session) =>
  one.account.tenantId === other.account.tenantId && one.account.objectId === other.account.objectId

let csrf = ''

/** The token that every change must bring along: of the session and the directory that is *shown*. */
export const token = () => csrf

export const remember = (session: Session) => {
  csrf = session.csrf
}
