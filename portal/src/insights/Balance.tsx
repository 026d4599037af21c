import { FormattedMessage, FormattedNumber, useIntl } from 'react-intl'
import { money } from '../i18n/amounts'
import { useNameColumn } from './columns'
import { type DataColumn, DataTable } from './DataTable'
import { useBalance, useScope } from './filters'
import css from './Insights.module.css'
import { monthName } from './months'
import { byMoney, byNumber } from './orders'
import type { Line } from './reports'
import { Wait } from './Wait'

/** What becomes of charges that are credited to nobody: of the whole service. */
export function Balance() {
  const intl = useIntl()
  const { months } = useScope()
  const balance = useBalance(months)
  const columns = useColumns()
  const table = (line: Line['line'], name: string) => {
    const rows = (balance.data?.value ?? []).filter((row) => row.line === line)
    if (rows.length === 0) {
      return (
        <p>
          <FormattedMessage id="insights.balance.none" />
        </p>
      )
    }
    return (
      <DataTable
        name={name}
        rows={rows}
        columns={columns}
        rowKey={(row) => `${row.month} ${row.currency} ${row.reason}`}
        first={{ key: 'month', isDown: true }}
      />
    )
  }
  const uncredited = intl.formatMessage({ id: 'insights.balance.uncredited' })
  const excluded = intl.formatMessage({ id: 'insights.balance.excluded' })
  return (
    <Wait of={[balance]}>
      {() => (
        <>
          <p className={css.note}>
            <FormattedMessage id="insights.balance.all" />
          </p>
          <h2>{uncredited}</h2>
          {table('uncredited', uncredited)}
          <h2>{excluded}</h2>
          <p>
            <FormattedMessage id="insights.balance.excluded.why" />
          </p>
          {table('excluded', excluded)}
        </>
      )}
    </Wait>
  )
}

function useColumns(): DataColumn<Line>[] {
  const intl = useIntl()
  const reason = (row: Line) =>
    row.reason
      ? intl.formatMessage({ id: `insights.reason.${row.reason}` as 'insights.reason.tax' })
      : '–'
  return [
    {
      key: 'month',
      title: intl.formatMessage({ id: 'insights.month' }),
      cell: (row) => monthName(intl, row.month),
      text: (row) => monthName(intl, row.month),
      order: (one, other) => one.month.localeCompare(other.month, 'en'),
    },
    useNameColumn<Line>('reason', intl.formatMessage({ id: 'insights.reason' }), reason, reason),
    {
      key: 'charges',
      title: intl.formatMessage({ id: 'insights.charges' }),
      cell: (row) => <FormattedNumber value={row.charges} />,
      order: byNumber((row) => row.charges),
      isNumber: true,
    },
    {
      key: 'amount',
      title: intl.formatMessage({ id: 'insights.amount' }),
      cell: (row) => money(intl, row.amount, row.currency ?? ''),
      order: byMoney((row) => row),
      isNumber: true,
    },
  ]
}
