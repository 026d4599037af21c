import { Link } from '@tanstack/react-router'
import { Fragment } from 'react'
import { FormattedMessage, useIntl } from 'react-intl'
import { Place, Take } from '../explain/Answer'
import { byPartner, type Explanation, type PartnerPart } from '../explain/answer'
import type { Asked } from '../explain/choices'
import explainCss from '../explain/Explain.module.css'
import { Partner } from '../explain/words'
import { money } from '../i18n/amounts'
import { Checks } from './Checks'
import { CauseText } from './causes'
import { type Headline, headlineOf } from './headline'
import { Next } from './Next'
import css from './WhyNot.module.css'

interface Props {
  answer: Explanation
  asked: Asked
}

/** What is in the way, for one partner with every cause, or for each in short. */
export function Findings({ answer, asked }: Props) {
  const parts = byPartner(answer)
  const { checks } = answer
  return (
    <>
      <Place answer={answer} />
      {parts.length === 0 && (
        <p>
          <FormattedMessage id="explain.nobody" />
        </p>
      )}
      {!checks && parts.length > 0 && (
        <p>
          <FormattedMessage id="whynot.checks.none" />
        </p>
      )}
      {parts.map((part) => (
        <Finding key={part.partner.id} {...{ answer, asked, part }} />
      ))}
      {checks && <Checks checks={checks} />}
      <Take asked={asked} />
    </>
  )
}

function Finding({ answer, asked, part }: Props & { part: PartnerPart }) {
  const { checks } = answer
  const headline = headlineOf(part, checks)
  const { partner, missing } = part
  const isGood = headline.kind === 'credited' || headline.kind === 'below'
  return (
    <section className={css.finding} data-kind={headline.kind}>
      <h2>
        <Head part={part} headline={headline} />
      </h2>
      <p className={css.about}>
        <Partner of={partner} />
        {headline.cause && headline.kind === 'missing' && (
          <>
            {'. '}
            <FormattedMessage
              id="whynot.first"
              values={{
                number: headline.cause.number,
                title: <CauseText code={headline.cause.code} part="title" />,
              }}
            />
          </>
        )}
      </p>
      {headline.kind === 'below' && (
        <p>
          <FormattedMessage id="whynot.below" values={{ partner: <Partner of={partner} /> }} />
        </p>
      )}
      {headline.kind === 'credited' && headline.cause && (
        <p>
          <FormattedMessage
            id="whynot.yet"
            values={{ cause: <CauseText code={headline.cause.code} part="title" /> }}
          />
        </p>
      )}
      {headline.kind !== 'below' && (missing || headline.cause) && (
        <Next missing={missing} cause={headline.cause} isCredited={headline.kind !== 'missing'} />
      )}
      {(isGood || !checks) && (
        <p className={explainCss.buttons}>
          {isGood && (
            <Link to="/explain" search={{ ...asked, partner: partner.id }} className={css.target}>
              <FormattedMessage id="whynot.toExplain" />
            </Link>
          )}
          {!checks && (
            <Link to="/why-not" search={{ ...asked, partner: partner.id }} className={css.target}>
              <FormattedMessage id="whynot.partner" />
            </Link>
          )}
        </p>
      )}
    </section>
  )
}

function Head({ part, headline }: { part: PartnerPart; headline: Headline }) {
  const { kind, reason, cause } = headline
  return (
    <FormattedMessage
      id={`whynot.head.${kind}` as 'whynot.head.missing'}
      values={{
        reason: reason && (
          <>
            <code>{reason}</code> – <CauseText code={reason} part="title" />
          </>
        ),
        cause: cause && <CauseText code={cause.code} part="title" />,
        amount: <Amounts part={part} />,
      }}
    />
  )
}

/** What is credited, by currency; how many charges for those who see no money. */
function Amounts({ part }: { part: PartnerPart }) {
  const intl = useIntl()
  return part.amounts.map((amount, index) => (
    <Fragment key={amount.currency}>
      {index > 0 && ', '}
      {amount.credited_cost === undefined ? (
        <FormattedMessage id="whynot.charges" values={{ count: amount.charges }} />
      ) : (
        money(intl, amount.credited_cost, amount.currency)
      )}
    </Fragment>
  ))
}
