import { Button } from '@fluentui/react-components'
import { ArrowDownloadRegular, CopyRegular } from '@fluentui/react-icons'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { FormattedMessage, useIntl } from 'react-intl'
import { ErrorBox } from '../parts/ErrorBox'
import { notify } from '../parts/notices'
import { CauseText } from '../whynot/causes'
import { byPartner, type Explanation, type PartnerPart } from './answer'
import { type Asked, jsonAddress, readAsText } from './choices'
import css from './Explain.module.css'
import { Part } from './Part'
import { Marks, monthName, Partner } from './words'

/** All that is credited at a resource in a month, by partner. */
export function Answer({ answer, asked }: { answer: Explanation; asked: Asked }) {
  const parts = byPartner(answer)
  const told = parts.filter((part) => part.credited || part.amounts.length > 0)
  const others = parts.filter((part) => !told.includes(part))
  return (
    <>
      <Place answer={answer} />
      {parts.length === 0 && (
        <p>
          <FormattedMessage id="explain.nobody" />
        </p>
      )}
      {told.map((part) => (
        <Part key={part.partner.id} {...{ answer, asked, part }} />
      ))}
      <Missing parts={others} asked={asked} />
      <Take asked={asked} />
    </>
  )
}

/** What the answer is about. */
export function Place({ answer }: { answer: Explanation }) {
  const intl = useIntl()
  const { customer, subscription } = answer
  return (
    <p className={css.place} role="status">
      <FormattedMessage
        id="explain.place"
        values={{
          subscription: <strong lang="">{subscription.name ?? subscription.id}</strong>,
          customer: <span lang="">{customer?.name ?? customer?.id ?? '–'}</span>,
          month: monthName(intl, answer.from.slice(0, 7)),
        }}
      />{' '}
      <code>{answer.resource}</code>
      <Marks of={subscription} />
    </p>
  )
}

/** Partners that get nothing here, in short. */
function Missing({ parts, asked }: { parts: PartnerPart[]; asked: Asked }) {
  if (parts.length === 0) return null
  return (
    <section>
      <h2>
        <FormattedMessage id="explain.missing" />
      </h2>
      <ul className={css.facts}>
        {parts.map(({ partner, missing }) => (
          <li key={partner.id}>
            <Partner of={partner} />: {missing && <CauseText code={missing.reason} part="title" />}{' '}
            <Link to="/why-not" className={css.target} search={{ ...asked, partner: partner.id }}>
              <FormattedMessage
                id="explain.missing.why"
                values={{ partner: <Partner of={partner} /> }}
              />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** The answer to take along: as text, as a file. */
export function Take({ asked }: { asked: Asked }) {
  const intl = useIntl()
  const [error, setError] = useState<unknown>(null)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(await readAsText(asked))
      setError(null)
      notify(intl.formatMessage({ id: 'explain.copied' }))
    } catch (found) {
      setError(found)
    }
  }
  return (
    <>
      <div className={css.buttons}>
        <Button icon={<CopyRegular />} onClick={copy}>
          <FormattedMessage id="explain.copy" />
        </Button>
        <Button
          as="a"
          icon={<ArrowDownloadRegular />}
          href={jsonAddress(asked)}
          download={`explain-${asked.resource.split('/').at(-1)}-${asked.month}.json`}
        >
          <FormattedMessage id="explain.json" />
        </Button>
      </div>
      {error !== null && <ErrorBox error={error} />}
    </>
  )
}
