import { FormattedDate, FormattedMessage, FormattedNumber, useIntl } from 'react-intl'
import { ScrollTable } from '../parts/ScrollTable'
import { Waiting } from '../parts/Waiting'
import { type UsageImport, useImports } from './data'
import { Hash } from './Hash'
import { More } from './More'
import css from './Operator.module.css'

const COLUMNS = [
  'operator.column.number',
  'operator.column.at',
  'operator.column.name',
  'operator.column.state',
  'operator.column.rows',
  'operator.column.files',
] as const

/** What was taken in, newest first. Taking in and taking back are commands. */
export function Imports() {
  const intl = useIntl()
  const imports = useImports()
  const all = imports.data?.pages.flatMap((page) => page.value) ?? []
  return (
    <>
      <p>
        <FormattedMessage
          id="operator.imports.commands"
          values={{ code: (text) => <code>{text}</code> }}
        />
      </p>
      <Waiting for={imports} />
      {all.length > 0 && (
        <ScrollTable
          name={intl.formatMessage({ id: 'operator.tab.imports' })}
          columns={COLUMNS}
          numbers={['operator.column.rows']}
        >
          {all.map((one) => (
            <Row key={one.number} of={one} />
          ))}
        </ScrollTable>
      )}
      {imports.data && <More of={imports} shown={all.length} />}
    </>
  )
}

function Row({ of }: { of: UsageImport }) {
  return (
    <tr>
      <th scope="row">{of.number}</th>
      <td className={css.date}>
        <FormattedDate value={of.at} dateStyle="medium" timeStyle="short" />
      </td>
      <td className={css.long} lang="">
        {of.name}
      </td>
      <td>
        <FormattedMessage id={`operator.import.${of.state}` as 'operator.import.counted'} />
        {of.reason && (
          <span className={css.failed} lang="en">
            {of.reason}
          </span>
        )}
      </td>
      <td className="number">
        <FormattedNumber value={of.rows} />
      </td>
      <td>
        <Files of={of} />
      </td>
    </tr>
  )
}

/** So many are named; of more it is said how many. */
const NAMED = 5

function Files({ of }: { of: UsageImport }) {
  return (
    <ul className={css.plain}>
      {of.files.slice(0, NAMED).map((file) => {
        const name = file.name.split('/').at(-1) ?? file.name
        return (
          <li key={file.name}>
            <span title={file.name} lang="">
              {name}
            </span>
            <Hash value={file.sha256} of={name} />
          </li>
        )
      })}
      {of.files.length > NAMED && (
        <li>
          <FormattedMessage
            id="operator.import.moreFiles"
            values={{ count: of.files.length - NAMED }}
          />
        </li>
      )}
    </ul>
  )
}
