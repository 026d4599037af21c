import { Button, Spinner } from '@fluentui/react-components'
import { FormattedMessage, useIntl } from 'react-intl'
import { ErrorBox } from '../parts/ErrorBox'

/** What is not there yet, or could not be read. */
export function Waiting(props: {
  for: { isPending: boolean; isError: boolean; error: unknown; refetch: () => unknown }
}) {
  const intl = useIntl()
  const { isPending, isError, error, refetch } = props.for
  if (isPending) return <Spinner label={intl.formatMessage({ id: 'shell.loading' })} />
  return isError ? <ErrorBox error={error} retry={refetch} /> : null
}

/** The next page of a list. */
export function More(props: {
  of: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown }
  shown: number
}) {
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = props.of
  return (
    <>
      <p role="status">
        <FormattedMessage
          id="operator.shown"
          values={{ count: props.shown, more: hasNextPage ? 'yes' : 'no' }}
        />
      </p>
      {hasNextPage && (
        <Button onClick={() => isFetchingNextPage || fetchNextPage()}>
          <FormattedMessage id={isFetchingNextPage ? 'shell.loading' : 'operator.more'} />
        </Button>
      )}
    </>
  )
}
