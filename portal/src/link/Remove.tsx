import { Button } from '@fluentui/react-components'
import { DeleteRegular } from '@fluentui/react-icons'
import { useState } from 'react'
import { FormattedMessage } from 'react-intl'
import { removeLink } from '../api/client'
import { directoryName } from '../api/session'
import { Question } from '../parts/Question'
import { useSigned } from '../shell/Signed'
import { ProblemBox } from './ProblemText'
import { type Problem, problemFrom } from './problem'

/** The button that removes a link, which asks once more, naming account, partner and directory. */
export function Remove(props: { partnerId: string; partnerName: string; removed: () => void }) {
  const { account } = useSigned().session
  const [isOpen, setOpen] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const remove = async () => {
    try {
      await removeLink(props.partnerId)
      setOpen(false)
      props.removed()
    } catch (error) {
      setProblem(problemFrom(error))
    }
  }
  const values = {
    account: account.name ?? account.objectId,
    name: props.partnerName,
    partner: props.partnerId,
    directory: directoryName(account),
  }
  return (
    <Question
      title={<FormattedMessage id="link.remove.title" />}
      isOpen={isOpen}
      setOpen={setOpen}
      trigger={
        <Button icon={<DeleteRegular />}>
          <FormattedMessage id="link.remove" />
        </Button>
      }
      answers={
        <>
          <Button appearance="primary" onClick={remove}>
            <FormattedMessage id="link.remove" />
          </Button>
          <Button onClick={() => setOpen(false)}>
            <FormattedMessage id="link.remove.keep" />
          </Button>
        </>
      }
    >
      <p>
        <FormattedMessage id="link.remove.question" values={values} />
      </p>
      {problem && <ProblemBox problem={problem} />}
    </Question>
  )
}
