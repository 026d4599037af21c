import { Spinner } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { FormattedMessage, useIntl } from 'react-intl'
import { ApiError } from '../api/errors'
import { directoryName } from '../api/session'
import { Bar } from '../parts/Bar'
import { ErrorBox } from '../parts/ErrorBox'
import { Page } from '../parts/Page'
import { useSigned } from '../shell/Signed'
import type { Explanation } from './answer'
import { type Asked, askedOf, useChoices, useExplanation } from './choices'
import css from './Explain.module.css'
import { usualMonth } from './entry'
import { NotThere } from './NotThere'
import { OtherDirectories } from './OtherDirectories'
import { QuestionForm } from './QuestionForm'
import { monthOf, type Question, type Reader, readerOf, readersOf } from './question'

interface Props {
  title: string
  /** What the page is for, while nothing is asked. */
  intro: ReactNode
  action: string
  partnerMatters: boolean
  question: Question
  ask: (question: Question) => void
  show: (answer: Explanation, asked: Asked) => ReactNode
}

/** A page that asks about a resource, and what is answered. */
export function Ask(props: Props) {
  const { account, roles } = useSigned().session
  const readers = readersOf(roles)
  const reader = readerOf(props.question, readers)
  return (
    <Page title={props.title}>
      {reader ? (
        <Asking key={account.tenantId} {...props} readers={readers} reader={reader} />
      ) : (
        <NoRole />
      )}
    </Page>
  )
}

function Asking(props: Props & { readers: Reader[]; reader: Reader }) {
  const { question, reader } = props
  const choices = useChoices(reader)
  const month = monthOf(question.month) ?? (choices.isReady ? usualMonth(choices) : undefined)
  // Where there is only one partner to ask about, it is meant.
  const [only, ...others] = props.partnerMatters ? choices.partners : []
  const partner = question.partner ?? (others.length === 0 ? only?.id : undefined)
  const asked = askedOf({ ...question, month, partner }, reader)
  return (
    <>
      {!question.resource && <div className={css.intro}>{props.intro}</div>}
      <QuestionForm
        key={JSON.stringify(question)}
        {...{ question, reader }}
        readers={props.readers}
        ask={props.ask}
        action={props.action}
        partnerMatters={props.partnerMatters}
      />
      {asked && <Answered asked={asked} show={props.show} />}
    </>
  )
}

function Answered({ asked, show }: { asked: Asked; show: Props['show'] }) {
  const intl = useIntl()
  const found = useExplanation(asked)
  if (found.isPending) {
    return <Spinner className="waiting" label={intl.formatMessage({ id: 'shell.loading' })} />
  }
  if (found.isError) {
    if (found.error instanceof ApiError && found.error.status === 404) {
      return <NotThere asked={asked} detail={found.error.message} />
    }
    return <ErrorBox error={found.error} retry={found.refetch} />
  }
  return <div className={css.answer}>{show(found.data, asked)}</div>
}

/** Explanations are for whoever has a role; everybody else is told which. */
function NoRole() {
  const { account } = useSigned().session
  return (
    <>
      <Bar className={css.bar}>
        <FormattedMessage
          id="explain.noRole"
          values={{
            account: <strong>{account.name ?? account.objectId}</strong>,
            directory: <strong lang="">{directoryName(account)}</strong>,
          }}
        />
      </Bar>
      <OtherDirectories />
    </>
  )
}
