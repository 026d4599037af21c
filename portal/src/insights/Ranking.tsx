import type { ReactNode } from 'react'
import { useIntl } from 'react-intl'
import { money } from '../i18n/amounts'
import { Bars } from './Bars'
import { useAmountColumn } from './columns'
import { DataTable } from './DataTable'
import { Figure } from './Figure'
import { byMoney, byText, credited } from './orders'
import type { Row } from './reports'

/** The most that a chart shows; its table has all. */
const TOP = 8

/** What the credit of a currency is made of, the largest part first. */
export function Ranking(props: {
  id: 'insights.services' | 'insights.topCustomers'
  rows: Row[]
  currency: string
  /** What a row is about. */
  heading: string
  name: (row: Row) => string
  cell: (row: Row) => ReactNode
  lang: string
}) {
  const intl = useIntl()
  const amount = useAmountColumn()
  const { currency, name } = props
  const all = props.rows
    .filter((row) => (row.currency ?? '') === currency)
    .sort((one, other) => byMoney(credited)(other, one))
  const title = intl.formatMessage({ id: props.id }, { currency })
  const text = (row: Row) => money(intl, row.credited_cost ?? '0', currency)
  const key = (row: Row) => `${row.customer_tenant_id} ${name(row)}`
  const most = all[0]
  const values = most && {
    name: name(most),
    amount: text(most),
    all: all.length,
    rest: Math.max(0, all.length - TOP),
  }
  return (
    <Figure
      title={title}
      summary={values ? intl.formatMessage({ id: 'insights.ranking' }, values) : ''}
      chart={
        <Bars
          bars={all.slice(0, TOP).map((row) => ({
            key: key(row),
            name: name(row),
            lang: props.lang,
            amount: row.credited_cost ?? '0',
            text: text(row),
          }))}
        />
      }
      table={
        <DataTable
          name={title}
          rows={all}
          columns={[
            {
              key: 'name',
              title: props.heading,
              cell: props.cell,
              text: name,
              order: byText(intl, name),
            },
            amount,
          ]}
          rowKey={key}
          first={{ key: 'credited', isDown: true }}
        />
      }
    />
  )
}
