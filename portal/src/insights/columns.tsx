import type { ReactNode } from 'react'
import { FormattedNumber, useIntl } from 'react-intl'
import { type Decimal, growth } from '../i18n/amounts'
import { Amount, Change, Eligible } from './Cells'
import type { DataColumn } from './DataTable'
import css from './Insights.module.css'
import { byMoney, byNumber, byText, credited } from './orders'
import type { Row } from './reports'
import { type BestRole, rank } from './roles'

/** Shows an amount: as a link to its reason, for example. */
type Shown<Of> = (row: Of, amount: ReactNode) => ReactNode

/** What is credited. */
export function useAmountColumn<Of extends Row>(
  shown: Shown<Of> = (_, amount) => amount,
): DataColumn<Of> {
  const intl = useIntl()
  return {
    key: 'credited',
    title: intl.formatMessage({ id: 'insights.credited' }),
    cell: (row) => shown(row, <Amount amount={row.credited_cost} currency={row.currency} />),
    order: byMoney(credited),
    isNumber: true,
  }
}

/** A row with what else is known of the same customer or subscription. */
export interface Judged extends Row {
  best: BestRole
  /** Of the months that are compared. */
  now?: Decimal
  before?: Decimal
}

const PARTS = ['none', 'part', 'all'] as const

/** From the best role to the change: what the tables of customers and of subscriptions share. */
export function useJudgedColumns(
  withMoney: boolean,
  withChange: boolean,
  shown?: Shown<Judged>,
): DataColumn<Judged>[] {
  const intl = useIntl()
  const amount = useAmountColumn<Judged>(shown)
  const eligible = (of: 'incentive' | 'pec'): DataColumn<Judged> => ({
    key: of,
    title: intl.formatMessage({
      id: of === 'incentive' ? 'insights.incentive' : 'insights.pec',
    }),
    cell: (row) => <Eligible of={row.best[of]} />,
    order: byNumber((row) => PARTS.indexOf(row.best[of])),
  })
  const columns: (DataColumn<Judged> | false)[] = [
    {
      key: 'role',
      title: intl.formatMessage({ id: 'insights.role' }),
      cell: (row) => <span lang="en">{row.best.role ?? '–'}</span>,
      text: (row) => row.best.role,
      order: byNumber((row) => rank(row.best)),
    },
    eligible('incentive'),
    eligible('pec'),
    {
      key: 'association',
      title: intl.formatMessage({ id: 'insights.association' }),
      cell: () => <span className={css.whole}>Partner Admin Link</span>,
    },
    !withMoney && {
      key: 'charges',
      title: intl.formatMessage({ id: 'insights.charges' }),
      cell: (row) => <FormattedNumber value={row.charges} />,
      order: byNumber((row) => row.charges),
      isNumber: true,
    },
    amount,
    withMoney &&
      withChange && {
        key: 'change',
        title: intl.formatMessage({ id: 'insights.change' }),
        cell: (row) => <Change before={row.before} now={row.now} />,
        order: byNumber((row) => growth(row.before ?? '0', row.now ?? '0')),
        isNumber: true,
      },
  ]
  return columns.filter((column) => column !== false)
}

/** A column of names. */
export const useNameColumn = <Of,>(
  key: string,
  title: string,
  text: (row: Of) => string | null | undefined,
  cell: DataColumn<Of>['cell'],
): DataColumn<Of> => {
  const intl = useIntl()
  return { key, title, cell, text, order: byText(intl, text) }
}
