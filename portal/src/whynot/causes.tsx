import { FormattedMessage } from 'react-intl'
import type { Cause } from '../explain/answer'

interface Props {
  code: Cause
  part: 'title' | 'meaning' | 'remedy'
}

/** What a cause is called, means, or asks for. */
export const CauseText = ({ code, part }: Props) => (
  <FormattedMessage id={`whynot.cause.${code}.${part}`} />
)
