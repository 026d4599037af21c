import { FormattedMessage, useIntl } from 'react-intl'
import type { Row } from '../api/reports'
import { money } from '../i18n/amounts'
import { ScrollTable } from '../parts/ScrollTable'
import { Waiting } from '../parts/Waiting'
import { type Link, useCredit } from './data'

/** What each partner was credited with in the last full month: what its own reports say, too. */
export function Credited({ links, directory }: { links: Link[]; directory: string }) {
  const credit = useCredit()
  const month = credit.data?.month
  return (
    <section>
      <h2>
        <FormattedMessage id="directory.credited" />
      </h2>
      <Waiting for={credit} />
      {credit.data && !month && (
        <p>
          <FormattedMessage id="directory.credited.noUsage" />
        </p>
      )}
      {credit.data && month && (
        <>
          <p>
            <FormattedMessage
              id="directory.credited.text"
              // The middle of it, which is in that month wherever the reader is.
              values={{ directory, month: new Date(`${month}-15T12:00:00Z`) }}
            />
          </p>
          <Amounts links={links} rows={credit.data.rows} />
        </>
      )}
    </section>
  )
}

function Amounts({ links, rows }: { links: Link[]; rows: Row[] }) {
  const intl = useIntl()
  const partners = byPartner(links, rows)
  if (partners.length === 0) {
    return (
      <p>
        <FormattedMessage id="directory.credited.nobody" />
      </p>
    )
  }
  return (
    <ScrollTable
      isNarrow
      name={intl.formatMessage({ id: 'directory.credited' })}
      columns={[
        'directory.column.partner',
        'directory.column.accounts',
        'directory.column.credited',
      ]}
      numbers={['directory.column.accounts', 'directory.column.credited']}
    >
      {partners.map(({ id, name, accounts, amounts }) => (
        <tr key={id}>
          <th scope="row">
            <span lang="">{name ?? '–'}</span>
            <span className="small">{id}</span>
          </th>
          <td className="number">{intl.formatNumber(accounts)}</td>
          <td className="number">
            {amounts.length === 0 && <FormattedMessage id="directory.credited.nothing" />}
            {amounts.map((row) => (
              <div key={row.currency}>
                {money(intl, row.credited_cost ?? '0', row.currency ?? '')}
              </div>
            ))}
          </td>
        </tr>
      ))}
    </ScrollTable>
  )
}

/** Partners that are linked or were credited, each with both. */
export function byPartner(links: Link[], rows: Row[]) {
  const ids = new Set([
    ...links.map((one) => one.partnerId),
    ...rows.map((row) => row.partner_id ?? ''),
  ])
  return [...ids].sort().map((id) => {
    const own = links.filter((one) => one.partnerId === id)
    return {
      id,
      name: own.find((one) => one.partnerName)?.partnerName,
      accounts: own.length,
      amounts: rows.filter((row) => row.partner_id === id),
    }
  })
}
