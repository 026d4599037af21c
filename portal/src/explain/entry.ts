import { type FormEvent, useRef, useState } from 'react'
import { useIntl } from 'react-intl'
import { cleaned } from '../link/entry'
import { DIGITS } from '../link/partner'
import { type Choices, useChoices } from './choices'
import { type Item, partnerItems, subscriptionItems, textIn, valueIn } from './items'
import { monthOf, monthsBack, type Question, type Reader } from './question'
import { isClear, resourceOf, type Unclear } from './resource'

export interface Asking {
  question: Question
  readers: Reader[]
  reader: Reader
  ask: (question: Question) => void
  /** Without one partner, causes are not checked one by one. */
  partnerMatters: boolean
}

export type Problem = Unclear | 'partner'

/** The month that is meant where none is said: the newest that is complete. */
export const usualMonth = (choices: Choices) =>
  choices.complete ?? choices.months.at(-1) ?? monthsBack(new Date(), [])[1] ?? ''

/** A field: what is in it, and what there is to choose. */
function usePick(items: Item[], first: string) {
  const input = useRef<HTMLInputElement>(null)
  const [typed, setText] = useState<string | null>(null)
  const text = typed ?? textIn(items, first)
  return { input, items, text, setText, value: valueIn(items, text) }
}

/** The question that is being put together. It begins as the address says. */
export function useEntry({ question, readers, ask, partnerMatters, ...props }: Asking) {
  const intl = useIntl()
  const [reader, setReader] = useState(props.reader)
  const [month, setMonth] = useState(monthOf(question.month))
  const [problem, setProblem] = useState<Problem | null>(() => unclear(question))
  const choices = useChoices(reader)
  const others = intl.formatMessage({ id: 'explain.form.others' })
  const places = subscriptionItems(choices.subscriptions, others)
  const partners = partnerItems(choices)
  const only = partnerMatters && partners.length === 1 ? partners[0]?.value : undefined
  const resource = usePick(places, written(question.resource))
  const partner = usePick(partners, question.partner ?? only ?? '')
  const chosen = month ?? usualMonth(choices)
  const months = monthsBack(new Date(), [...choices.months, chosen])

  const send = (event?: FormEvent) => {
    event?.preventDefault()
    const found = resourceOf(resource.value)
    const id = cleaned(partner.value)
    if (!isClear(found)) {
      setProblem(found)
      resource.input.current?.focus()
    } else if (id && !DIGITS.test(id)) {
      setProblem('partner')
      partner.input.current?.focus()
    } else {
      setProblem(null)
      const as = readers.length > 1 ? reader : undefined
      ask({ resource: found.id, month: chosen, partner: id || undefined, as })
    }
  }
  return { resource, partner, month: chosen, setMonth, months, reader, setReader, problem, send }
}

/** What the address names, as an ID if it is one. */
function written(text = ''): string {
  const found = resourceOf(text)
  return isClear(found) ? found.id : text
}

/** What is wrong with an address that was opened. */
function unclear(question: Question): Problem | null {
  const found = question.resource ? resourceOf(question.resource) : null
  if (found && !isClear(found)) return found
  return question.partner && !DIGITS.test(question.partner) ? 'partner' : null
}
