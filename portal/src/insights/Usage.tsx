import { Switch } from '@fluentui/react-components'
import { FormattedNumber, useIntl } from 'react-intl'
import { CustomerName, HiddenBy } from './Cells'
import { useAmountColumn, useNameColumn } from './columns'
import { type DataColumn, DataTable } from './DataTable'
import { useFilters, useReport } from './filters'
import { BY_GROUP, BY_SERVICE } from './groupings'
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
  const columns = useColumns(byGroup)
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

function useColumns(byGroup: boolean): DataColumn<Row>[] {
  const intl = useIntl()
  const english = (value?: string | null) => <span lang="en">{value ?? '–'}</span>
  const own = (value?: string | null) => <span lang="">{value ?? '–'}</span>
  const hidden = (row: Row, value?: string | null) =>
    value ? own(value) : <HiddenBy customer={customer(row)} />
  const month: DataColumn<Row> = {
    key: 'month',
    title: intl.formatMessage({ id: 'insights.month' }),
    cell: (row) => monthName(intl, row.month ?? ''),
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
      (row) => hidden(row, row.subscription_name),
    ),
    useNameColumn<Row>(
      'group',
      intl.formatMessage({ id: 'insights.group' }),
      (row) => row.resource_group,
      (row) => hidden(row, row.resource_group),
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
