import { FormattedMessage, useIntl } from 'react-intl'
import { ScrollTable } from '../parts/ScrollTable'
import { Waiting } from '../parts/Waiting'
import { usePartners } from './data'
import { More } from './More'

const COLUMNS = [
  'operator.column.partnerId',
  'operator.column.name',
  'operator.column.kind',
  'operator.column.status',
] as const

/** The partner IDs that the service knows. */
export function Partners() {
  const intl = useIntl()
  const partners = usePartners()
  const all = partners.data?.pages.flatMap((page) => page.value) ?? []
  return (
    <>
      <Waiting for={partners} />
      {all.length > 0 && (
        <ScrollTable name={intl.formatMessage({ id: 'operator.tab.partners' })} columns={COLUMNS}>
          {all.map((partner) => (
            <tr key={partner.partnerId}>
              <th scope="row">{partner.partnerId}</th>
              <td lang="">{partner.name ?? '–'}</td>
              <td>
                <FormattedMessage
                  id={`operator.kind.${partner.type}` as 'operator.kind.location'}
                  values={{ parent: partner.parentId ?? '–' }}
                />
              </td>
              <td>
                <FormattedMessage
                  id={`operator.status.${partner.status}` as 'operator.status.active'}
                />
              </td>
            </tr>
          ))}
        </ScrollTable>
      )}
      {partners.data && <More of={partners} shown={all.length} />}
    </>
  )
}
