import { Button, Field, Select } from '@fluentui/react-components'
import { type FormEvent, useRef, useState } from 'react'
import { FormattedMessage, useIntl } from 'react-intl'
import { cleaned } from '../link/entry'
import { DIGITS } from '../link/partner'
import { type Choice, type Choices, useChoices } from './choices'
import css from './Explain.module.css'
import { grouped, type Item, Pick, textIn, valueIn } from './Pick'
import { monthOf, monthsBack, type Question, type Reader } from './question'
import { isClear, resourceOf, type Unclear } from './resource'
import { monthName } from './words'

interface Props {
  question: Question
  readers: Reader[]
  reader: Reader
  ask: (question: Question) => void
  action: string
  /** Without one partner, causes are not checked one by one. */
  partnerMatters: boolean
}

/** Names that several have get the id behind them. */
export function subscriptionItems(choices: Choice[], unnamed: string): Item[] {
  const label = (one: Choice) =>
    [one.name ?? one.subscription, one.customer].filter(Boolean).join(' · ')
  const count = grouped(choices, label)
  return choices
    .map((one) => ({
      value: `/subscriptions/${one.subscription}`,
      text:
        (count.get(label(one))?.length ?? 0) > 1
          ? `${label(one)} (${one.subscription})`
          : label(one),
      group: one.customer ?? unnamed,
    }))
    .toSorted((one, other) => (one.group + one.text).localeCompare(other.group + other.text))
}

const partnerItems = ({ partners }: Choices): Item[] =>
  partners.map(({ id, name }) => ({ value: id, text: name ? `${name} (${id})` : id }))

/** The month that is meant where none is said: the newest that is complete. */
export const usualMonth = (choices: Choices) =>
  choices.complete ?? choices.months.at(-1) ?? monthsBack(new Date(), [])[1] ?? ''

/** What is asked: which resource, which month, for which partner, as whom. */
export function QuestionForm({ question, readers, ask, action, partnerMatters, ...props }: Props) {
  const intl = useIntl()
  const [reader, setReader] = useState(props.reader)
  const choices = useChoices(reader)
  const fields = {
    resource: useRef<HTMLInputElement>(null),
    partner: useRef<HTMLInputElement>(null),
  }
  const [resource, setResource] = useState<string | null>(null)
  const [partner, setPartner] = useState<string | null>(null)
  const [month, setMonth] = useState(monthOf(question.month))
  const [problem, setProblem] = useState<Unclear | 'partner' | null>(() => unclear(question))

  const others = intl.formatMessage({ id: 'explain.form.others' })
  const places = subscriptionItems(choices.subscriptions, others)
  const partners = partnerItems(choices)
  const only = partnerMatters && partners.length === 1 ? partners[0]?.value : undefined
  const resourceText = resource ?? textIn(places, written(question.resource))
  const partnerText = partner ?? textIn(partners, question.partner ?? only ?? '')
  const chosen = month ?? usualMonth(choices)

  const send = (event?: FormEvent) => {
    event?.preventDefault()
    const found = resourceOf(valueIn(places, resourceText))
    const id = cleaned(valueIn(partners, partnerText))
    if (!isClear(found)) {
      setProblem(found)
      fields.resource.current?.focus()
    } else if (id && !DIGITS.test(id)) {
      setProblem('partner')
      fields.partner.current?.focus()
    } else {
      setProblem(null)
      const as = readers.length > 1 ? reader : undefined
      ask({ resource: found.id, month: chosen, partner: id || undefined, as })
    }
  }
  const error = (of: 'resource' | 'partner') =>
    problem && (problem === 'partner') === (of === 'partner')
      ? intl.formatMessage({ id: `explain.problem.${problem}` as 'explain.problem.empty' })
      : undefined
  return (
    <form className={css.form} onSubmit={send} noValidate>
      <Pick
        label={intl.formatMessage({ id: 'explain.form.resource' })}
        hint={intl.formatMessage({ id: 'explain.form.resource.hint' })}
        error={error('resource')}
        required
        items={places}
        text={resourceText}
        setText={setResource}
        submit={send}
        input={fields.resource}
      />
      <div className={css.row}>
        <Field label={intl.formatMessage({ id: 'explain.form.month' })}>
          <Select value={chosen} onChange={(_, { value }) => setMonth(value)}>
            {monthsBack(new Date(), [...choices.months, chosen]).map((one) => (
              <option key={one} value={one}>
                {monthName(intl, one)}
              </option>
            ))}
          </Select>
        </Field>
        {readers.length > 1 && (
          <Field label={intl.formatMessage({ id: 'explain.form.as' })}>
            <Select value={reader} onChange={(_, { value }) => setReader(value as Reader)}>
              {readers.map((one) => (
                <option key={one} value={one}>
                  {intl.formatMessage({ id: `explain.as.${one}` as 'explain.as.partner' })}
                </option>
              ))}
            </Select>
          </Field>
        )}
      </div>
      <Pick
        label={intl.formatMessage({ id: 'explain.form.partner' })}
        hint={intl.formatMessage({
          id: partnerMatters ? 'explain.form.partner.matters' : 'explain.form.partner.hint',
        })}
        error={error('partner')}
        items={partners}
        text={partnerText}
        setText={setPartner}
        submit={send}
        input={fields.partner}
      />
      <div>
        <Button type="submit" appearance="primary">
          {action}
        </Button>
      </div>
      {problem && problem !== 'partner' && (
        <p className={css.note}>
          <FormattedMessage id="explain.form.where" />
        </p>
      )}
    </form>
  )
}

/** What the address names, as an ID if it is one. */
function written(text = ''): string {
  const found = resourceOf(text)
  return isClear(found) ? found.id : text
}

/** What is wrong with an address that was opened. */
function unclear(question: Question): Unclear | 'partner' | null {
  const found = question.resource ? resourceOf(question.resource) : null
  if (found && !isClear(found)) return found
  return question.partner && !DIGITS.test(question.partner) ? 'partner' : null
}
