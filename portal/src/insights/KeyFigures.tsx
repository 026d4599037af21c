import { WarningRegular } from '@fluentui/react-icons'
import type { ReactNode } from 'react'
import { FormattedMessage, FormattedNumber, useIntl } from 'react-intl'
import { Amount, Change } from './Cells'
import { useReport, useScope } from './filters'
import { BY_SUBSCRIPTION, TOTALS } from './groupings'
import css from './Insights.module.css'
import { useShownLinks } from './links'
import { monthsName } from './months'
import { distinct, hasMoney, type Row } from './reports'

/** What is credited, by currency, and of how many. */
export function KeyFigures({ totals, customers }: { totals: Row[]; customers: Row[] }) {
  const subscriptions = useReport(BY_SUBSCRIPTION).data?.value ?? []
  const shown = subscriptions.filter((row) => row.subscription_id)
  const hiding = distinct(
    subscriptions.filter((row) => !row.subscription_id),
    (row) => row.customer_tenant_id,
  ).length
  return (
    <section>
      <h2 className="hidden">
        <FormattedMessage id="insights.figures" />
      </h2>
      <dl className={css.cards}>
        <Revenue totals={totals} />
        <Card id="insights.customers">
          <FormattedNumber value={distinct(customers, (row) => row.customer_tenant_id).length} />
        </Card>
        <Card
          id="insights.subscriptions"
          note={
            hiding > 0 && (
              <FormattedMessage id="insights.subscriptions.hidden" values={{ count: hiding }} />
            )
          }
        >
          <FormattedNumber value={distinct(shown, (row) => row.subscription_id).length} />
        </Card>
        <Accounts />
      </dl>
    </section>
  )
}

type CardName = 'insights.customers' | 'insights.subscriptions' | 'insights.accounts'

function Card(props: { id: CardName; note?: ReactNode; children: ReactNode }) {
  return (
    <div className={css.card}>
      <dt>
        <FormattedMessage id={props.id} />
      </dt>
      <dd className={css.big}>{props.children}</dd>
      {props.note && <dd>{props.note}</dd>}
    </div>
  )
}

function Revenue({ totals }: { totals: Row[] }) {
  const intl = useIntl()
  const { compared } = useScope()
  const now = useReport(TOTALS, compared?.now ?? null).data
  const before = useReport(TOTALS, compared?.before ?? null).data
  const of = (rows: Row[] | undefined, currency: Row['currency']) =>
    rows?.find((row) => row.currency === currency)?.credited_cost
  return totals.map(({ currency, credited_cost, charges }) => (
    <div key={currency} className={css.card} data-currency={currency}>
      <dt>
        <FormattedMessage id="insights.revenue" values={{ currency }} />
      </dt>
      <dd className={css.big}>
        <Amount amount={credited_cost} currency={currency} />
      </dd>
      {!hasMoney(totals) && (
        <dd>
          <FormattedMessage id="insights.revenue.charges" values={{ count: charges }} />
        </dd>
      )}
      {hasMoney(totals) && compared && now && before && (
        <dd>
          <Change now={of(now.value, currency)} before={of(before.value, currency)} />{' '}
          <FormattedMessage
            id="insights.revenue.change"
            values={{
              now: monthsName(intl, compared.now),
              before: monthsName(intl, compared.before),
            }}
          />
        </dd>
      )}
    </div>
  ))
}

function Accounts() {
  const { mayRead, query, links } = useShownLinks()
  if (!mayRead || !query.data) return null
  const without = links.filter((link) => link.warnings.includes('no-access')).length
  return (
    <Card
      id="insights.accounts"
      note={
        without > 0 && (
          <span className={css.warning}>
            <WarningRegular aria-hidden />
            <FormattedMessage id="insights.accounts.without" values={{ count: without }} />
          </span>
        )
      }
    >
      <FormattedNumber value={links.length} />
    </Card>
  )
}
