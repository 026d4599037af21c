import { Spinner } from '@fluentui/react-components'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useIntl } from 'react-intl'
import { ErrorBox } from '../parts/ErrorBox'

/** What needs answers, as soon as they are all there; what went wrong, if one did not come. */
export function Wait({ of, children }: { of: UseQueryResult[]; children: () => ReactNode }) {
  const intl = useIntl()
  const failed = of.find((query) => query.isError)
  if (failed) return <ErrorBox error={failed.error} retry={failed.refetch} />
  if (of.some((query) => query.isLoading)) {
    return <Spinner label={intl.formatMessage({ id: 'shell.loading' })} />
  }
  return children()
}
