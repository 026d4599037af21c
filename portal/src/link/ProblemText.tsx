import { useIntl } from 'react-intl'
import { directoryName } from '../api/session'
import { ErrorBox } from '../parts/ErrorBox'
import { useSigned } from '../shell/Signed'
import type { Problem } from './problem'

/** What is wrong and how to mend it, in the reader's language. */
export function useProblemText() {
  const intl = useIntl()
  const { account } = useSigned().session
  return (problem: Problem): string | undefined => {
    const values = {
      id: 'id' in problem ? problem.id : '',
      directory: directoryName(account),
      account: account.name ?? account.objectId,
    }
    switch (problem.kind) {
      case 'other':
        return undefined
      case 'global':
        return intl.formatMessage(
          { id: 'link.problem.global' },
          {
            id: problem.partner.partnerId,
            name: problem.partner.name ?? problem.partner.partnerId,
          },
        )
      default:
        return intl.formatMessage(
          { id: `link.problem.${problem.kind}` as 'link.problem.unknown' },
          values,
        )
    }
  }
}

/** A problem that is not with the field. */
export function ProblemBox({ problem }: { problem: Problem }) {
  const describe = useProblemText()
  return (
    <ErrorBox error={problem.kind === 'other' ? problem.error : null} text={describe(problem)} />
  )
}
