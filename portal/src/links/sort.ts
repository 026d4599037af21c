import { useIntl } from 'react-intl'
import type { OwnDirectory } from '../api/client'
import { directoryName } from '../api/session'

export const COLUMNS = ['directory', 'account', 'partner', 'since', 'access', 'credited'] as const
export type Column = (typeof COLUMNS)[number]

interface Order {
  column: Column
  isDown: boolean
  /** The last months with credit, by directory. */
  credited: Record<string, string>
}

/** By what a column shows. What is not there comes first: it is what somebody looks for. */
function value(of: OwnDirectory, column: Column, credited: Order['credited']): string | number {
  switch (column) {
    case 'directory':
      return directoryName(of)
    case 'account':
      return of.name ?? of.objectId
    case 'partner':
      return of.link ? (of.link.partnerName ?? of.link.partnerId) : ''
    case 'since':
      return of.link?.createdTime ?? ''
    case 'access':
      return of.access.subscriptions
    case 'credited':
      return credited[of.tenantId] ?? ''
  }
}

export function useSorted(directories: OwnDirectory[], order: Order) {
  const { locale } = useIntl()
  const compare = (one: OwnDirectory, other: OwnDirectory, column: Column) => {
    const [a, b] = [value(one, column, order.credited), value(other, column, order.credited)]
    return typeof a === 'number' && typeof b === 'number'
      ? a - b
      : String(a).localeCompare(String(b), locale)
  }
  return directories.toSorted(
    (one, other) =>
      compare(one, other, order.column) * (order.isDown ? -1 : 1) ||
      compare(one, other, 'directory'),
  )
}
