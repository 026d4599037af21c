import { Link } from '@tanstack/react-router'
import { FormattedMessage, useIntl } from 'react-intl'
import { CustomerName } from './Cells'
import { type Judged, useJudgedColumns, useNameColumn } from './columns'
import { DataTable } from './DataTable'
import { useFilters, useScope } from './filters'
import { BY_CUSTOMER, CUSTOMER_ROLES } from './groupings'
import css from './Insights.module.css'
import { useJudged } from './judged'
import { Columns, Empty, Notes } from './Notes'
import { distinct, hasMoney, type Row } from './reports'
import { Wait } from './Wait'

const key = (row: Row) => `${row.customer_tenant_id} ${row.currency}`
const name = (row: Row) => row.customer_tenant_name ?? row.customer_tenant_id

/** What is credited for each customer, by which role, and how it has changed. */
export function Customers() {
  const intl = useIntl()
  const { search } = useFilters()
  const { months, compared } = useScope()
  const { queries, answer, judged, gone } = useJudged(BY_CUSTOMER, CUSTOMER_ROLES, key)
  const title = intl.formatMessage({ id: 'insights.tab.customers' })
  const columns = [
    useNameColumn<Judged>(
      'customer',
      intl.formatMessage({ id: 'insights.customer' }),
      name,
      (row) => <CustomerName id={row.customer_tenant_id} name={row.customer_tenant_name} />,
    ),
    ...useJudgedColumns(hasMoney(judged), compared !== null),
    {
      key: 'why',
      title: intl.formatMessage({ id: 'insights.why' }),
      cell: (row: Judged) => (
        <Link
          to="/insights"
          className={css.target}
          search={{
            ...search,
            tab: 'subscriptions',
            customer: row.customer_tenant_id?.toLowerCase(),
          }}
          aria-label={intl.formatMessage({ id: 'insights.why.customer' }, { name: name(row) })}
        >
          <FormattedMessage id="insights.why.subscriptions" />
        </Link>
      ),
    },
  ]
  return (
    <Wait of={queries}>
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
              rowKey={(row) => `${key(row)} ${row.customer_tenant_name}`}
              first={{ key: 'credited', isDown: true }}
            />
            <Columns />
            <Notes answer={answer} />
            {gone.length > 0 && (
              <p>
                <FormattedMessage
                  id="insights.gone"
                  values={{
                    names: intl.formatList(distinct(gone, (row) => name(row) ?? '–')),
                  }}
                />{' '}
                <Link to="/why-not" search={{ month: months.to }} className={css.target}>
                  <FormattedMessage id="insights.whyNot" />
                </Link>
              </p>
            )}
          </>
        )
      }
    </Wait>
  )
}
