import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
} from '@fluentui/react-components'
import { useState } from 'react'
import { FormattedMessage } from 'react-intl'
import { removeLink } from '../api/client'
import { directoryName } from '../api/session'
import { useSigned } from '../shell/Signed'
import { ProblemBox } from './ProblemText'
import { type Problem, problemFrom } from './problem'

/** Asks once more, naming account, partner and directory. */
export function Remove(props: {
  partnerId: string
  partnerName: string
  close: () => void
  removed: () => void
}) {
  const { account } = useSigned().session
  const [problem, setProblem] = useState<Problem | null>(null)
  const remove = async () => {
    try {
      await removeLink(props.partnerId)
      props.close()
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
    <Dialog open onOpenChange={(_, { open }) => !open && props.close()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>
            <FormattedMessage id="link.remove.title" />
          </DialogTitle>
          <DialogContent>
            <p>
              <FormattedMessage id="link.remove.question" values={values} />
            </p>
            {problem && <ProblemBox problem={problem} />}
          </DialogContent>
          <DialogActions>
            <Button appearance="primary" onClick={remove}>
              <FormattedMessage id="link.remove" />
            </Button>
            <Button onClick={props.close}>
              <FormattedMessage id="link.remove.keep" />
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  )
}
