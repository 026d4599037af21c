import { Button, Field, Input } from '@fluentui/react-components'
import { CheckmarkCircleRegular } from '@fluentui/react-icons'
import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { FormattedMessage, useIntl } from 'react-intl'
import { directoryName } from '../api/session'
import { useSigned } from '../shell/Signed'
import { cleaned } from './entry'
import css from './Link.module.css'
import { ProblemBox, useProblemText } from './ProblemText'
import { DIGITS, type Partner, partnerQuery, usePartner } from './partner'
import { isOfField, type Problem, problemFrom, problemOf } from './problem'

interface Props {
  text: string
  setText: (text: string) => void
  /** Does it, with an ID that can be linked to. */
  send: (id: string) => Promise<void>
  action: ReactNode
  /** Whether IDs are offered that the person is linked to elsewhere. */
  suggest?: boolean
  /** What will happen; if not said, what a link in this directory does. */
  happens?: ReactNode
  /** Whether the field takes the focus, since the form has just been asked for. */
  focus?: boolean
  /** More buttons. */
  children?: ReactNode
}

/** A partner ID, the name it stands for, what will happen, and the button, which is never disabled. */
export function PartnerForm(props: Props) {
  const intl = useIntl()
  const client = useQueryClient()
  const field = useRef<HTMLInputElement>(null)
  const { id, partner, isLooking } = usePartner(props.text)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [isSending, setSending] = useState(false)
  const describe = useProblemText()

  useEffect(() => {
    if (props.focus) field.current?.focus()
  }, [props.focus])

  const change = (text: string) => {
    props.setText(text)
    setProblem(null)
  }
  const refuse = (found: Problem) => {
    setProblem(found)
    if (isOfField(found)) field.current?.focus()
  }
  const check = async (): Promise<Problem | null> => {
    if (!id) return { kind: 'empty' }
    if (!DIGITS.test(id)) return { kind: 'digits' }
    return problemOf(id, await client.fetchQuery(partnerQuery(id)))
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (isSending) return
    setSending(true)
    setProblem(null)
    try {
      const wrong = await check()
      if (wrong) refuse(wrong)
      else await props.send(id)
    } catch (error) {
      refuse(problemFrom(error))
    } finally {
      setSending(false)
    }
  }
  const seen = problem ?? (partner === undefined ? null : problemOf(id, partner))
  const text = isOfField(seen) && seen ? describe(seen) : undefined
  return (
    <form className={css.form} onSubmit={submit} noValidate>
      <Field
        label={intl.formatMessage({ id: 'link.field' })}
        hint={intl.formatMessage({ id: 'link.field.hint' })}
        validationState={text ? 'error' : 'none'}
        validationMessage={text}
        required
      >
        <Input
          ref={field}
          value={props.text}
          onChange={(_, { value }) => change(value)}
          onPaste={(event) => {
            event.preventDefault()
            change(cleaned(event.clipboardData.getData('text')))
          }}
          inputMode="numeric"
          autoComplete="off"
          spellCheck={false}
        />
      </Field>
      {seen?.kind === 'global' && <Locations of={seen.partner} choose={change} />}
      {props.suggest && !props.text && <Elsewhere choose={change} />}
      <Found partner={seen ? null : partner} isLooking={isLooking} />
      {props.happens ?? <WhatHappens name={seen ? null : partner?.name} />}
      {problem && !isOfField(problem) && <ProblemBox problem={problem} />}
      <div className={css.buttons}>
        <Button type="submit" appearance="primary">
          {isSending ? <FormattedMessage id="link.sending" /> : props.action}
        </Button>
        {props.children}
      </div>
    </form>
  )
}

/** The name, read out politely once it is known. */
function Found(props: { partner: Partner | null | undefined; isLooking: boolean }) {
  return (
    <p className={css.found} role="status">
      {props.isLooking && <FormattedMessage id="link.looking" />}
      {props.partner && (
        <>
          <CheckmarkCircleRegular aria-hidden fontSize={20} />
          <FormattedMessage
            id="link.found"
            values={{
              name: <strong lang="">{props.partner.name ?? props.partner.partnerId}</strong>,
            }}
          />
        </>
      )}
    </p>
  )
}

/** A global account was given: its locations, each one click away. */
function Locations(props: { of: Partner; choose: (id: string) => void }) {
  return (
    <div className={css.buttons}>
      {props.of.locations?.map((location) => (
        <Button
          key={location.partnerId}
          size="small"
          onClick={() => props.choose(location.partnerId)}
        >
          {location.partnerId} {location.name}
        </Button>
      ))}
    </div>
  )
}

/** IDs that the person is linked to in other directories, so that nothing is typed twice. */
function Elsewhere({ choose }: { choose: (id: string) => void }) {
  const { session } = useSigned()
  const known = new Map(
    session.directories.flatMap((one) =>
      one.link ? [[one.link.partnerId, directoryName(one)] as const] : [],
    ),
  )
  if (known.size === 0) return null
  return (
    <div className={css.buttons}>
      {[...known].slice(0, 3).map(([id, directory]) => (
        <Button key={id} size="small" onClick={() => choose(id)}>
          <FormattedMessage id="link.same" values={{ directory, partner: id }} />
        </Button>
      ))}
    </div>
  )
}

function WhatHappens({ name }: { name: string | null | undefined }) {
  const { account } = useSigned().session
  const directory = directoryName(account)
  return (
    <>
      <h2>
        <FormattedMessage id="link.happens" />
      </h2>
      <ul>
        <li>
          {name ? (
            <FormattedMessage id="link.happens.credit" values={{ partner: name }} />
          ) : (
            <FormattedMessage id="link.happens.creditUnknown" />
          )}
        </li>
        <li>
          <FormattedMessage id="link.happens.access" values={{ directory }} />
        </li>
        <li>
          <FormattedMessage id="link.happens.seen" values={{ directory }} />
        </li>
      </ul>
    </>
  )
}
