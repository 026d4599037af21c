import { Field, Select } from '@fluentui/react-components'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { FormattedDate, FormattedMessage, useIntl } from 'react-intl'
import { ScrollTable } from '../parts/ScrollTable'
import { Waiting } from '../parts/Waiting'
import { type AuditRecord, useNames, useRecords } from './data'
import { More } from './More'
import css from './Operator.module.css'
import { ACTIONS, type OperatorSearch, operatorSearch } from './search'
import { Told } from './Told'
import { Verify } from './Verify'

/** What was done by whom, and whether anybody changed the past. */
export function Audit() {
  const { action }: OperatorSearch = useSearch({ from: '/operator' })
  const records = useRecords(action)
  const all = records.data?.pages.flatMap((page) => page.value) ?? []
  return (
    <>
      <Verify />
      <h3>
        <FormattedMessage id="operator.records" />
      </h3>
      <Filter />
      <Waiting for={records} />
      {all.length > 0 && <Records of={all} />}
      {records.data && <More of={records} shown={all.length} />}
    </>
  )
}

function Filter() {
  const intl = useIntl()
  const navigate = useNavigate()
  const { action }: OperatorSearch = useSearch({ from: '/operator' })
  return (
    <Field className={css.filter} label={intl.formatMessage({ id: 'operator.action' })}>
      <Select
        value={action ?? ''}
        onChange={(_, { value }) =>
          navigate({ to: '/operator', search: operatorSearch({ tab: 'audit', action: value }) })
        }
      >
        <option value="">{intl.formatMessage({ id: 'operator.action.all' })}</option>
        {ACTIONS.map((name) => (
          <option key={name} value={name}>
            {intl.formatMessage({ id: `operator.action.${name}` as 'operator.action.all' })}
          </option>
        ))}
      </Select>
    </Field>
  )
}

function Records({ of }: { of: AuditRecord[] }) {
  const intl = useIntl()
  const names = useNames()
  return (
    <ScrollTable
      isNarrow
      name={intl.formatMessage({ id: 'operator.records' })}
      columns={['operator.column.number', 'operator.column.at', 'operator.column.what']}
    >
      {of.map((record) => (
        <tr key={record.number}>
          <th scope="row">{record.number}</th>
          <td>
            <FormattedDate value={record.at} dateStyle="medium" timeStyle="medium" />
          </td>
          <td className={css.told}>
            <Told record={record} names={names} />
            <details className={css.details}>
              <summary>
                <FormattedMessage id="operator.details" />
              </summary>
              <pre lang="en">{JSON.stringify(record, null, 2)}</pre>
            </details>
          </td>
        </tr>
      ))}
    </ScrollTable>
  )
}
