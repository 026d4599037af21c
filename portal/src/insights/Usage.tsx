import { Switch } from '@fluentui/react-components'
import { FormattedNumber, useIntl } from 'react-intl'
import { CustomerName, HiddenBy } from './Cells'
import { useAmountColumn, useNameColumn } from './columns'
import { type DataColumn, DataTable } from './DataTable'
import { useFilters, useReport, useScope } from './filters'
import { BY_GROUP, BY_SERVICE } from './groupings'
import css from './Insights.module.css'
import { monthName } from './months'
import { Empty, Notes } from './Notes'
import { byNumber } from './orders'
import type { Row } from './reports'
import { Wait } from './Wait'

const customer = (row: Row) => row.customer_tenant_name ?? row.customer_tenant_id

/** What is credited, by month and service, and by resource group if asked for. */
export function Usage() {
  const intl = useIntl()
  const { search, set } = useFilters()
  const byGroup = search.groups !== undefined
  const usage = useReport(byGroup ? BY_GROUP : BY_SERVICE)
  const columns = useColumns(byGroup, usage.data?.value ?? [])
  const title = intl.formatMessage({ id: 'insights.tab.usage' })
  return (
    <>
      <h2>{title}</h2>
      <Switch
        checked={byGroup}
        onChange={(_, { checked }) => set({ groups: checked ? 'yes' : undefined })}
        label={intl.formatMessage({ id: 'insights.usage.groups' })}
      />
      <Wait of={[usage]}>
        {() =>
          usage.data?.value.length ? (
            <>
              <DataTable
                key={String(byGroup)}
                name={title}
                rows={usage.data.value}
                columns={columns}
                rowKey={(row) => JSON.stringify({ ...row, credited_cost: null })}
                first={{ key: 'month', isDown: true }}
              />
              <Notes answer={usage.data} />
            </>
          ) : (
            <Empty />
          )
        }
      </Wait>
    </>
  )
}

/**
 * Whose places are shown. Without one that is named, they are hidden from partners; beside one that
 * is, what has none is of no resource group.
 */
const naming = (rows: Row[], column: 'subscription_name' | 'resource_group') =>
  new Set(rows.filter((row) => row[column]).map((row) => row.customer_tenant_id))

function useColumns(byGroup: boolean, rows: Row[]): DataColumn<Row>[] {
  const intl = useIntl()
  const { as } = useScope()
  const english = (value?: string | null) => <span lang="en">{value ?? '–'}</span>
  const own = (value?: string | null) => <span lang="">{value ?? '–'}</span>
  const place = (column: 'subscription_name' | 'resource_group') => {
    const named = naming(rows, column)
    return (row: Row) =>
      as !== 'partner' || named.has(row.customer_tenant_id) ? (
        own(row[column])
      ) : (
        <HiddenBy customer={customer(row)} />
      )
  }
  const month: DataColumn<Row> = {
    key: 'month',
    title: intl.formatMessage({ id: 'insights.month' }),
    cell: (row) => <span className={css.whole}>{monthName(intl, row.month ?? '')}</span>,
    text: (row) => monthName(intl, row.month ?? ''),
    order: (one, other) => (one.month ?? '').localeCompare(other.month ?? '', 'en'),
  }
  const service = [
    useNameColumn<Row>(
      'category',
      intl.formatMessage({ id: 'insights.category' }),
      (row) => row.service_category,
      (row) => english(row.service_category),
    ),
    useNameColumn<Row>(
      'service',
      intl.formatMessage({ id: 'insights.service' }),
      (row) => row.service_name,
      (row) => english(row.service_name),
    ),
  ]
  const places = [
    useNameColumn<Row>(
      'customer',
      intl.formatMessage({ id: 'insights.customer' }),
      customer,
      (row) => <CustomerName id={row.customer_tenant_id} name={row.customer_tenant_name} />,
    ),
    useNameColumn<Row>(
      'subscription',
      intl.formatMessage({ id: 'insights.subscription' }),
      (row) => row.subscription_name,
      place('subscription_name'),
    ),
    useNameColumn<Row>(
      'group',
      intl.formatMessage({ id: 'insights.group' }),
      (row) => row.resource_group,
      place('resource_group'),
    ),
  ]
  const charges: DataColumn<Row> = {
    key: 'charges',
    title: intl.formatMessage({ id: 'insights.charges' }),
    cell: (row) => <FormattedNumber value={row.charges} />,
    order: byNumber((row) => row.charges),
    isNumber: true,
  }
  const amount = useAmountColumn<Row>()
  return [month, ...service, ...(byGroup ? places : []), charges, amount]
}
