/** The session in the browser's cookie, as `GET /portal/session` shows it. */
export interface Session {
  signedIn: true
  csrf: string
  expiresAt: string
  demo: boolean
  version: string
  account: Account
  directories: Directory[]
  roles: Roles
}

export interface Account {
  tenantId: string
  tenantName: string | null
  domain: string | null
  objectId: string
  name: string | null
  userType: 'Guest' | 'Member' | null
}

export interface Directory {
  tenantId: string
  tenantName: string | null
  domain: string | null
  objectId: string
  how: 'guest' | 'member'
  link: { partnerId: string; partnerName: string | null } | null
}

export interface Roles {
  viewer: boolean
  linkAdministrator: boolean
  auditor: boolean
  operator: boolean
}

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
