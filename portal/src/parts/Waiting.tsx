import { Spinner } from '@fluentui/react-components'
import { useIntl } from 'react-intl'
import { ErrorBox } from './ErrorBox'

/** What is not there yet, or could not be read. */
export function Waiting(props: {
  for: { isPending: boolean; isError: boolean; error: unknown; refetch: () => unknown }
}) {
  const intl = useIntl()
  const { isPending, isError, error, refetch } = props.for
  if (isPending) return <Spinner label={intl.formatMessage({ id: 'shell.loading' })} />
  return isError ? <ErrorBox error={error} retry={refetch} /> : null
}
