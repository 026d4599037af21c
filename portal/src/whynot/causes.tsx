import { FormattedMessage } from 'react-intl'

/** What a cause is called, means, or asks for, by its code. A code that is new is shown as it is. */
export const CauseText = ({
  code,
  part,
}: {
  code: string
  part: 'title' | 'meaning' | 'remedy'
}) => (
  <FormattedMessage
    id={`whynot.cause.${code}.${part}` as 'whynot.cause.no-role.title'}
    defaultMessage={part === 'title' ? code : ''}
  />
)

/** Why there is no credit: a reason of an answer, or of the balance. */
export const ReasonText = ({ code }: { code: string }) => (
  <FormattedMessage
    id={`whynot.reason.${code}` as 'whynot.reason.no-access'}
    defaultMessage={code}
  />
)
