import { Fragment } from 'react'
import { FormattedMessage, type IntlShape, useIntl } from 'react-intl'
import type { Line, Named, Noun, Span } from './answer'
import css from './Explain.module.css'

/** `2026-10` in the reader's words. */
export function monthName(intl: IntlShape, month: string): string {
  const date = new Date(`${month}-01T00:00:00Z`)
  if (Number.isNaN(date.getTime())) return month
  return intl.formatDate(date, { year: 'numeric', month: 'long', timeZone: 'UTC' })
}

/** An instant in UTC, in which months and charges are counted. */
export function instant(intl: IntlShape, at: string): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return at
  const style = { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' } as const
  return `${intl.formatDate(date, style)} UTC`
}

/** When something holds. */
export function During({ of: { from, to } }: { of: Span }) {
  const intl = useIntl()
  const at = (one: string | null) => one && <time dateTime={one}>{instant(intl, one)}</time>
  if (from && from === to) return at(from)
  if (from && to)
    return <FormattedMessage id="explain.during.both" values={{ from: at(from), to: at(to) }} />
  if (from) return <FormattedMessage id="explain.during.since" values={{ from: at(from) }} />
  if (to) return <FormattedMessage id="explain.during.until" values={{ to: at(to) }} />
  return <FormattedMessage id="explain.during.always" />
}

/** When something holds, one time after another. */
export const Times = ({ of }: { of: Span[] }) =>
  of.length === 0 ? (
    <FormattedMessage id="explain.during.never" />
  ) : (
    of.map((span, index) => (
      <Fragment key={span.from}>
        {index > 0 && ', '}
        <During of={span} />
      </Fragment>
    ))
  )

/** What is said of a fact whose times are not all evidence: ` · assumed`. */
export function Marks({ of }: { of: Line }) {
  const intl = useIntl()
  const since = of.unconfirmed_since
  return (
    <>
      {of.assumed && (
        <>
          {' · '}
          <FormattedMessage id="explain.assumed" />
        </>
      )}
      {since && (
        <>
          {' · '}
          <FormattedMessage
            id="explain.unconfirmed"
            values={{ since: <time dateTime={since}>{instant(intl, since)}</time> }}
          />
        </>
      )}
    </>
  )
}

type Called = Extract<Noun, { name: unknown }>

/** A name keeps its own language. */
export const Name = ({ of, withId }: { of: Called; withId?: boolean }) => (
  <>
    <strong lang="">{of.name ?? of.id}</strong>
    {withId && of.name !== null && (
      <>
        {' '}
        (<code>{of.id}</code>)
      </>
    )}
  </>
)

/** Names of roles are those of Azure in every language. */
export const RoleName = ({ of }: { of: Called }) =>
  of.name === null ? (
    <FormattedMessage id="explain.role.unknown" values={{ id: of.id ?? 'none' }} />
  ) : (
    <strong lang="en">{of.name}</strong>
  )

/** A scope, as far as the customer shows it. */
export const Scope = ({ of }: { of: Extract<Noun, { path: unknown } | { inside: unknown }> }) =>
  'path' in of ? (
    <code>{of.path}</code>
  ) : (
    <FormattedMessage id="explain.scope.inside" values={{ inside: <code>{of.inside}</code> }} />
  )

/** A partner: name and ID. */
export const Partner = ({ of }: { of: Named }) =>
  of.name ? (
    <span className={css.name}>
      <span lang="">{of.name}</span> ({of.id})
    </span>
  ) : (
    of.id
  )
