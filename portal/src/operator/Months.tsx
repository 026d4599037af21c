import { FormattedDate, FormattedMessage, FormattedNumber, useIntl } from 'react-intl'
import { money } from '../i18n/amounts'
import { ScrollTable } from '../parts/ScrollTable'
import { Waiting } from '../parts/Waiting'
import { type UsageMonth, useMonths } from './data'

const NUMBERS = [
  'operator.column.subscriptions',
  'operator.column.rows',
  'operator.column.costs',
  'operator.column.edition',
] as const
const COLUMNS = [
  'operator.column.month',
  ...NUMBERS,
  'operator.column.completeUntil',
  'operator.column.imports',
] as const

/** The usage that counts, the newest month first. */
export function Months() {
  const intl = useIntl()
  const months = useMonths()
  return (
    <>
      <Waiting for={months} />
      {months.data?.length === 0 && (
        <p>
          <FormattedMessage
            id="operator.months.none"
            values={{ code: (text) => <code>{text}</code> }}
          />
        </p>
      )}
      {months.data && months.data.length > 0 && (
        <ScrollTable
          name={intl.formatMessage({ id: 'operator.tab.usage' })}
          columns={COLUMNS}
          numbers={NUMBERS}
        >
          {months.data.map((month) => (
            <Row key={month.month} month={month} />
          ))}
        </ScrollTable>
      )}
      <p>
        <FormattedMessage id="operator.months.note" />
      </p>
    </>
  )
}

function Row({ month }: { month: UsageMonth }) {
  const intl = useIntl()
  return (
    <tr>
      <th scope="row">
        <FormattedDate value={`${month.month}-01`} year="numeric" month="long" timeZone="UTC" />
      </th>
      <td className="number">
        <FormattedNumber value={month.subscriptions} />
      </td>
      <td className="number">
        <FormattedNumber value={month.rows} />
      </td>
      <td className="number">
        {Object.entries(month.costs).map(([currency, amount]) => (
          <div key={currency}>{money(intl, amount, currency)}</div>
        ))}
      </td>
      <td className="number">
        <FormattedNumber value={month.edition} />
      </td>
      <td>
        {month.completeUntil ? (
          <FormattedDate
            value={month.completeUntil}
            dateStyle="medium"
            timeStyle="short"
            timeZone="UTC"
          />
        ) : (
          '–'
        )}
      </td>
      <td>{intl.formatList(month.imports.map(String), { type: 'unit' })}</td>
    </tr>
  )
}
