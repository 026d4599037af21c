import { CheckmarkRegular, LockClosedRegular } from '@fluentui/react-icons'
import { Link } from '@tanstack/react-router'
import { FormattedMessage, useIntl } from 'react-intl'
import { money } from '../i18n/amounts'
import { Bar } from '../parts/Bar'
import type { Amount, Explanation, PartnerPart } from './answer'
import { Below } from './Below'
import { Chain } from './Chain'
import type { Asked } from './choices'
import css from './Explain.module.css'
import { monthName, Partner } from './words'

interface Props {
  answer: Explanation
  asked: Asked
  part: PartnerPart
}

/** What one partner is credited with, and why. */
export function Part({ answer, asked, part }: Props) {
  const { credited, amounts } = part
  return (
    <section className={css.part}>
      {amounts.map((amount) => (
        <Sentence key={amount.currency} {...{ answer, asked, part, amount }} />
      ))}
      {amounts.length === 0 && <Sentence {...{ answer, asked, part }} />}
      {amounts.some((amount) => amount.credited_cost === undefined) && (
        <p className={css.note}>
          <LockClosedRegular aria-hidden /> <FormattedMessage id="explain.noMoney" />
        </p>
      )}
      {credited ? (
        <Chain {...{ answer, asked, credited, amounts }} />
      ) : (
        <OnlyBelow {...{ asked, part }} />
      )}
      {amounts.map((amount) => (
        <Checked key={amount.currency} amount={amount} />
      ))}
      <p>
        <Link to="/why-not" className={css.target} search={{ ...asked, partner: part.partner.id }}>
          <FormattedMessage id="explain.toWhyNot" />
        </Link>
      </p>
    </section>
  )
}

function Sentence({ answer, asked, part, amount }: Props & { amount?: Amount }) {
  const intl = useIntl()
  const { customer } = answer
  const sum = amount?.credited_cost
  const kind = !amount ? 'none' : sum === undefined ? 'charges' : 'money'
  return (
    <h2>
      <FormattedMessage
        id={`explain.sentence.${kind}` as 'explain.sentence.money'}
        values={{
          amount: amount && sum !== undefined ? money(intl, sum, amount.currency) : '',
          charges: amount?.charges ?? 0,
          partner: <Partner of={part.partner} />,
          customer: <span lang="">{customer?.name ?? customer?.id ?? '–'}</span>,
          month: monthName(intl, amount?.month ?? asked.month),
        }}
      />
    </h2>
  )
}

/** Nothing reaches the resource itself, and yet there is credit: it is earned further below. */
function OnlyBelow({ asked, part }: { asked: Asked; part: PartnerPart }) {
  return (
    <>
      <Bar className={css.bar}>
        <FormattedMessage id="explain.onlyBelow" />
      </Bar>
      <Below asked={asked} partner={part.partner.id} />
    </>
  )
}

/** The same figure by the second, plain evaluator. */
function Checked({ amount }: { amount: Amount }) {
  const intl = useIntl()
  const sum = (value: string | undefined) =>
    value === undefined ? '' : money(intl, value, amount.currency, 10)
  if (!amount.equal) {
    return (
      <Bar intent="error" className={css.bar}>
        <FormattedMessage
          id="explain.check.differs"
          values={{ recomputed: sum(amount.recomputed), report: sum(amount.credited_cost) }}
        />
      </Bar>
    )
  }
  return (
    <p className={css.check}>
      {amount.recomputed === undefined ? (
        <FormattedMessage id="explain.check.noMoney" />
      ) : (
        <FormattedMessage
          id="explain.check.equal"
          values={{ recomputed: <strong>{sum(amount.recomputed)}</strong> }}
        />
      )}{' '}
      <CheckmarkRegular className={css.good} aria-hidden />
    </p>
  )
}
