import { FormattedMessage, type IntlShape, useIntl } from 'react-intl'
import { type Mark, type Named, period } from './answer'
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
export function During({ text }: { text: string }) {
  const intl = useIntl()
  const found = period(text)
  if (!found) return <span lang="en">{text}</span>
  const { from, to } = found
  const at = (one: string | null) => one && <time dateTime={one}>{instant(intl, one)}</time>
  if (from && from === to) return at(from)
  if (from && to)
    return <FormattedMessage id="explain.during.both" values={{ from: at(from), to: at(to) }} />
  if (from) return <FormattedMessage id="explain.during.since" values={{ from: at(from) }} />
  if (to) return <FormattedMessage id="explain.during.until" values={{ to: at(to) }} />
  return <FormattedMessage id="explain.during.always" />
}

/** What is said of a fact whose times are not all evidence: ` · assumed`. */
export function Marks({ of }: { of: Mark }) {
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

/** A name keeps its own language. */
export const Name = ({ of }: { of: Named }) => <strong lang="">{of.name ?? of.id}</strong>

/** A partner: name and ID. */
export const Partner = ({ of }: { of: Named }) =>
  of.name ? (
    <span className={css.name}>
      <span lang="">{of.name}</span> ({of.id})
    </span>
  ) : (
    of.id
  )
