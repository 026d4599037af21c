import { ArrowDownRegular, ArrowUpRegular, LockClosedRegular } from '@fluentui/react-icons'
import { FormattedMessage, useIntl } from 'react-intl'
import { type Decimal, exact, growth, money } from '../i18n/amounts'
import css from './Insights.module.css'

/** An amount, or that the reader sees none. */
export function Amount(props: { amount: Decimal | undefined; currency?: string | null }) {
  const intl = useIntl()
  if (props.amount === undefined) return <Locked />
  return money(intl, props.amount, props.currency ?? '')
}

/** In the place of money that is for executive viewers. */
export function Locked() {
  return (
    <span className={css.locked}>
      <LockClosedRegular aria-hidden />
      <span className="hidden">
        <FormattedMessage id="insights.locked.cell" />
      </span>
    </span>
  )
}

/** By how much an amount differs from one before. Of nothing and nothing there is nothing to say. */
export function Change({ before = '0', now = '0' }: { before?: Decimal; now?: Decimal }) {
  const intl = useIntl()
  const share = growth(before, now)
  if (share === null) {
    return exact(now) === 0n ? '–' : <FormattedMessage id="insights.change.new" />
  }
  const text = intl.formatNumber(share, {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
    signDisplay: 'exceptZero',
  })
  return (
    <span className={css.change}>
      {share > 0 && <ArrowUpRegular aria-hidden />}
      {share < 0 && <ArrowDownRegular aria-hidden />}
      {text}
    </span>
  )
}

/** A customer, or the pseudonym of one who hides its name. */
export function CustomerName({ id, name }: { id?: string | null; name?: string | null }) {
  const isMasked = isPseudonym(id)
  return (
    <>
      <span lang="">{name ?? id ?? '–'}</span>
      {isMasked && (
        <span className="small">
          <FormattedMessage id="insights.masked" />
        </span>
      )}
    </>
  )
}

export const isPseudonym = (id?: string | null) => id?.startsWith('customer-') ?? false

/** In the place of what a customer does not show. */
export function HiddenBy({ customer }: { customer?: string | null }) {
  return (
    <em>
      <FormattedMessage
        id="insights.hidden"
        values={{ customer: <span lang="">{customer ?? '–'}</span> }}
      />
    </em>
  )
}

/** Whether all, some or none of the credit is eligible. */
export function Eligible({ of }: { of: 'all' | 'part' | 'none' }) {
  return <FormattedMessage id="insights.eligible" values={{ of }} />
}
