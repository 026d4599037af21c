import { useIntl } from 'react-intl'
import { height, money } from '../i18n/amounts'
import { Amount, CustomerName } from './Cells'
import { type DataColumn, DataTable } from './DataTable'
import { Figure } from './Figure'
import { useReport, useScope } from './filters'
import { BY_CUSTOMER, CATEGORIES, TOTALS, TREND } from './groupings'
import css from './Insights.module.css'
import { KeyFigures } from './KeyFigures'
import { LineChart, SHAPES } from './LineChart'
import { lastBegun, monthMark, monthName } from './months'
import { Empty, Notes } from './Notes'
import { byMoney } from './orders'
import { Ranking } from './Ranking'
import { currencies, hasMoney, type Row } from './reports'
import { type Point, pointsOf, summary } from './trend'
import { Wait } from './Wait'

/** The figures of all that is chosen, and charts of them: one set for each currency. */
export function Overview() {
  const intl = useIntl()
  const totals = useReport(TOTALS)
  const trend = useReport(TREND)
  const services = useReport(CATEGORIES)
  const customers = useReport(BY_CUSTOMER)
  const category = (row: Row) =>
    row.service_category ?? intl.formatMessage({ id: 'insights.category.none' })
  const customer = (row: Row) => row.customer_tenant_name ?? row.customer_tenant_id ?? '–'
  return (
    <Wait of={[totals, trend, services, customers]}>
      {() => {
        const rows = totals.data?.value ?? []
        if (rows.length === 0) return <Empty />
        return (
          <>
            <KeyFigures totals={rows} customers={customers.data?.value ?? []} />
            <Notes answer={totals.data} />
            {hasMoney(rows) &&
              currencies(rows).map((currency, index) => (
                <div key={currency} className={css.figures}>
                  <div className={css.column}>
                    <Trend rows={trend.data?.value ?? []} currency={currency} index={index} />
                    <Ranking
                      id="insights.topCustomers"
                      rows={customers.data?.value ?? []}
                      currency={currency}
                      heading={intl.formatMessage({ id: 'insights.customer' })}
                      name={customer}
                      cell={(row) => (
                        <CustomerName id={row.customer_tenant_id} name={row.customer_tenant_name} />
                      )}
                      lang=""
                    />
                  </div>
                  <Ranking
                    id="insights.services"
                    rows={services.data?.value ?? []}
                    currency={currency}
                    heading={intl.formatMessage({ id: 'insights.category' })}
                    name={category}
                    cell={(row) => <span lang="en">{category(row)}</span>}
                    lang="en"
                  />
                </div>
              ))}
          </>
        )
      }}
    </Wait>
  )
}

function Trend({ rows, currency, index }: { rows: Row[]; currency: string; index: number }) {
  const intl = useIntl()
  const { months, first, completeUntil } = useScope()
  const last = completeUntil ? lastBegun(completeUntil) : months.to
  const points = pointsOf(rows, currency, months, first, last)
  const title = intl.formatMessage({ id: 'insights.trend' }, { currency })
  const marks = points.map(({ month, amount }) => ({
    key: month,
    mark: monthMark(intl, month),
    value: amount === null ? null : height(amount),
    text: intl.formatMessage(
      { id: 'insights.trend.point' },
      {
        month: monthName(intl, month),
        amount: amount === null ? '–' : money(intl, amount, currency),
      },
    ),
  }))
  return (
    <Figure
      title={title}
      summary={summary(intl, points, currency)}
      chart={
        marks.filter((mark) => mark.value !== null).length > 1 && (
          <LineChart
            key={`${months.from} ${months.to}`}
            name={title}
            marks={marks}
            shape={SHAPES[index % SHAPES.length] ?? 'circle'}
          />
        )
      }
      table={<TrendTable name={title} points={points} currency={currency} />}
    />
  )
}

function TrendTable(props: { name: string; points: Point[]; currency: string }) {
  const intl = useIntl()
  const columns: DataColumn<Point>[] = [
    {
      key: 'month',
      title: intl.formatMessage({ id: 'insights.month' }),
      cell: (point) => monthName(intl, point.month),
      order: (one, other) => (one.month < other.month ? -1 : 1),
    },
    {
      key: 'amount',
      title: intl.formatMessage({ id: 'insights.credited' }),
      cell: ({ amount }) =>
        amount === null ? '–' : <Amount amount={amount} currency={props.currency} />,
      order: byMoney((point) => ({ amount: point.amount ?? '0' })),
      isNumber: true,
    },
  ]
  return (
    <DataTable
      name={props.name}
      rows={props.points}
      columns={columns}
      rowKey={(point) => point.month}
    />
  )
}
