import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { FormattedMessage, useIntl } from 'react-intl'
import { fold } from '../parts/fold'
import { CustomerName, HiddenBy } from './Cells'
import { type Judged, useJudgedColumns, useNameColumn } from './columns'
import { DataTable } from './DataTable'
import { useReport, useScope } from './filters'
import { BY_SUBSCRIPTION, SUBSCRIPTION_PLACES, SUBSCRIPTION_ROLES } from './groupings'
import css from './Insights.module.css'
import { useJudged } from './judged'
import { Columns, Empty, Notes } from './Notes'
import { hasMoney, type Row } from './reports'
import { index } from './roles'
import { Wait } from './Wait'

const key = (row: Row) => `${row.subscription_id} ${row.customer_tenant_id} ${row.currency}`
const customer = (row: Row) => row.customer_tenant_name ?? row.customer_tenant_id
const name = (row: Row) => row.subscription_name ?? row.subscription_id

/** What is credited for each subscription; each figure can be asked why. */
export function Subscriptions() {
  const intl = useIntl()
  const { compared } = useScope()
  const { queries, answer, judged } = useJudged(BY_SUBSCRIPTION, SUBSCRIPTION_ROLES, key)
  const places = useReport(SUBSCRIPTION_PLACES)
  const placesOf = index(places.data?.value ?? [], (row) => row.subscription_id ?? '')
  const title = intl.formatMessage({ id: 'insights.tab.subscriptions' })
  const columns = [
    useNameColumn<Judged>(
      'subscription',
      intl.formatMessage({ id: 'insights.subscription' }),
      name,
      (row) =>
        row.subscription_id ? (
          <span lang="" title={row.subscription_id}>
            {name(row)}
          </span>
        ) : (
          <HiddenBy customer={customer(row)} />
        ),
    ),
    useNameColumn<Judged>(
      'customer',
      intl.formatMessage({ id: 'insights.customer' }),
      customer,
      (row) => <CustomerName id={row.customer_tenant_id} name={row.customer_tenant_name} />,
    ),
    // Of one month and one location, the amount is what its explanation adds up to.
    ...useJudgedColumns(hasMoney(judged), compared !== null, (row, amount) => {
      const own = placesOf.get(fold(row.subscription_id ?? '')) ?? []
      return own.length === 1 ? (
        <Why row={row} places={own}>
          {amount}
        </Why>
      ) : (
        amount
      )
    }),
    {
      key: 'why',
      title: intl.formatMessage({ id: 'insights.why' }),
      cell: (row: Judged) => (
        <Why row={row} places={placesOf.get(fold(row.subscription_id ?? ''))} />
      ),
    },
  ]
  return (
    <Wait of={[...queries, places]}>
      {() =>
        judged.length === 0 ? (
          <Empty />
        ) : (
          <>
            <h2>{title}</h2>
            <DataTable
              name={title}
              rows={judged}
              columns={columns}
              rowKey={(row) => `${key(row)} ${row.subscription_name}`}
              first={{ key: 'credited', isDown: true }}
            />
            <Columns />
            <Notes answer={answer} />
          </>
        )
      }
    </Wait>
  )
}

interface WhyProps {
  row: Judged
  places?: Row[]
  /** The word *Why?*, if not said. */
  children?: ReactNode
}

/** To the explanation, in the last month in which there is credit. */
function Why({ row, places = [], children }: WhyProps) {
  const intl = useIntl()
  const { as } = useScope()
  const last = places.toSorted((one, other) =>
    (other.month ?? '').localeCompare(one.month ?? '', 'en'),
  )[0]
  if (!row.subscription_id || !last) return children ?? '–'
  return (
    <Link
      to="/explain"
      className={css.target}
      search={{
        resource: `/subscriptions/${row.subscription_id}`,
        month: last.month ?? undefined,
        partner: last.partner_id ?? undefined,
        as,
      }}
      aria-label={
        children
          ? undefined
          : intl.formatMessage({ id: 'insights.why.subscription' }, { name: name(row) })
      }
    >
      {children ?? <FormattedMessage id="insights.why" />}
    </Link>
  )
}
