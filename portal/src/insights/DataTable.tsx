import { Button, Input } from '@fluentui/react-components'
import {
  ArrowDownRegular,
  ArrowSortRegular,
  ArrowUpRegular,
  SearchRegular,
} from '@fluentui/react-icons'
import { type ReactNode, useState } from 'react'
import { FormattedMessage, useIntl } from 'react-intl'
import { fold } from '../parts/fold'
import { ScrollTable } from '../parts/ScrollTable'
import css from './Insights.module.css'

export interface DataColumn<Of> {
  key: string
  title: string
  cell: (row: Of) => ReactNode
  /** What a search looks in. */
  text?: (row: Of) => string | null | undefined
  /** The order of rows; without it the column cannot be sorted by. */
  order?: (one: Of, other: Of) => number
  isNumber?: boolean
}

interface Sorting {
  key: string
  isDown: boolean
}

const PAGE = 100
/** A field to search in makes sense beyond so many rows. */
const LONG = 10

/** Rows that can be sorted and searched. The first column names the row. */
export function DataTable<Of>(props: {
  name: string
  rows: Of[]
  columns: DataColumn<Of>[]
  rowKey: (row: Of) => string
  first?: Sorting
}) {
  const intl = useIntl()
  const { rows, columns } = props
  const [sorting, setSorting] = useState<Sorting | undefined>(props.first)
  const [wanted, setWanted] = useState('')
  const [many, setMany] = useState(PAGE)
  const found = sorted(matching(rows, columns, wanted), columns, sorting)
  return (
    <>
      {rows.length > LONG && (
        <div className={css.search}>
          <Input
            type="search"
            contentBefore={<SearchRegular />}
            aria-label={intl.formatMessage({ id: 'insights.search' }, { table: props.name })}
            placeholder={intl.formatMessage({ id: 'insights.search.short' })}
            value={wanted}
            onChange={(_, { value }) => setWanted(value)}
          />
          <span role="status">
            <FormattedMessage
              id="insights.rows"
              values={{ shown: found.length, all: rows.length }}
            />
          </span>
        </div>
      )}
      <ScrollTable
        name={props.name}
        head={columns.map((column) => (
          <Head key={column.key} column={column} sorting={sorting} sort={setSorting} />
        ))}
      >
        {found.slice(0, many).map((row) => (
          <tr key={props.rowKey(row)}>
            {columns.map((column, index) => {
              const name = column.isNumber ? 'number' : undefined
              return index === 0 ? (
                <th key={column.key} scope="row" className={name}>
                  {column.cell(row)}
                </th>
              ) : (
                <td key={column.key} className={name}>
                  {column.cell(row)}
                </td>
              )
            })}
          </tr>
        ))}
      </ScrollTable>
      {found.length > many && (
        <Button className={css.more} onClick={() => setMany(many + PAGE)}>
          <FormattedMessage
            id="insights.more"
            values={{ count: Math.min(PAGE, found.length - many), all: found.length }}
          />
        </Button>
      )}
    </>
  )
}

function matching<Of>(rows: Of[], columns: DataColumn<Of>[], wanted: string) {
  const text = fold(wanted.trim())
  if (!text) return rows
  return rows.filter((row) =>
    columns.some((column) => fold(column.text?.(row) ?? '').includes(text)),
  )
}

function sorted<Of>(rows: Of[], columns: DataColumn<Of>[], sorting?: Sorting) {
  const order = columns.find((column) => column.key === sorting?.key)?.order
  if (!order || !sorting) return rows
  return rows.toSorted((one, other) => (sorting.isDown ? order(other, one) : order(one, other)))
}

function Head<Of>(props: {
  column: DataColumn<Of>
  sorting?: Sorting
  sort: (sorting: Sorting) => void
}) {
  const { column, sorting } = props
  const name = column.isNumber ? 'number' : undefined
  if (!column.order) {
    return (
      <th scope="col" className={name}>
        {column.title}
      </th>
    )
  }
  const isBy = sorting?.key === column.key
  const isDown = isBy && sorting.isDown
  const Icon = !isBy ? ArrowSortRegular : isDown ? ArrowDownRegular : ArrowUpRegular
  // Numbers are wanted from the top first, names from A.
  const next = isBy ? !isDown : Boolean(column.isNumber)
  return (
    <th
      scope="col"
      className={name}
      aria-sort={isBy ? (isDown ? 'descending' : 'ascending') : 'none'}
    >
      <button
        type="button"
        className={css.sort}
        onClick={() => props.sort({ key: column.key, isDown: next })}
      >
        {column.title}
        <Icon aria-hidden />
      </button>
    </th>
  )
}
