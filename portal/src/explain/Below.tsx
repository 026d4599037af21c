import { Link } from '@tanstack/react-router'
import { FormattedMessage, FormattedNumber, useIntl } from 'react-intl'
import type { Row } from '../api/reports'
import { money } from '../i18n/amounts'
import { ScrollTable } from '../parts/ScrollTable'
import { Waiting } from '../parts/Waiting'
import { type Asked, BELOW, useBelow } from './choices'
import css from './Explain.module.css'
import { isClear, resourceOf } from './resource'

const COLUMNS = ['explain.usage.charges', 'explain.usage.cost', 'explain.usage.credited'] as const

/** What is credited below a subscription or a resource group, each with its own explanation. */
export function Below({ asked, partner }: { asked: Asked; partner: string }) {
  const intl = useIntl()
  const resource = resourceOf(asked.resource)
  const clear = isClear(resource) ? resource : null
  const column = clear && BELOW[clear.kind]
  const below = useBelow(asked, clear, partner)
  if (!clear || !column) return null
  if (!below.isSuccess) return <Waiting for={below} />
  const isHidden = asked.as === 'partner' && below.data.every((row) => row[column] == null)
  if (below.data.length === 0) return null
  if (isHidden) {
    return (
      <p>
        <FormattedMessage
          id={`explain.below.hidden.${clear.kind}` as 'explain.below.hidden.group'}
        />
      </p>
    )
  }
  const title = intl.formatMessage({
    id: `explain.below.${clear.kind}` as 'explain.below.group',
  })
  return (
    <ScrollTable
      name={title}
      head={<th scope="col">{title}</th>}
      columns={COLUMNS}
      numbers={COLUMNS}
    >
      {below.data.map((row) => (
        <BelowRow key={JSON.stringify([row[column], row.currency])} {...{ row, asked, column }} />
      ))}
    </ScrollTable>
  )
}

type Column = NonNullable<(typeof BELOW)[keyof typeof BELOW]>

function BelowRow({ row, asked, column }: { row: Row; asked: Asked; column: Column }) {
  const intl = useIntl()
  const name = row[column]
  const sum = (value?: string) => (value == null ? '–' : money(intl, value, row.currency ?? ''))
  return (
    <tr>
      <th scope="row">
        {name == null ? (
          <FormattedMessage id="explain.below.direct" />
        ) : (
          <Link
            to="/explain"
            className={css.target}
            search={{
              ...asked,
              partner: asked.partner,
              resource:
                column === 'resource_id' ? name : `${asked.resource}/resourceGroups/${name}`,
            }}
          >
            <span lang="">{name.split('/').at(-1)}</span>
          </Link>
        )}
      </th>
      <td className="number">
        <FormattedNumber value={row.charges} />
      </td>
      <td className="number">{sum(row.cost)}</td>
      <td className="number">{sum(row.credited_cost)}</td>
    </tr>
  )
}
