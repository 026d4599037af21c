import { Button } from '@fluentui/react-components'
import { FormattedMessage } from 'react-intl'

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
