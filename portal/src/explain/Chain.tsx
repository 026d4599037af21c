import {
  CheckmarkCircleRegular,
  CoinMultipleRegular,
  KeyRegular,
  LinkRegular,
  PeopleRegular,
} from '@fluentui/react-icons'
import { Fragment } from 'react'
import { FormattedMessage, FormattedNumber, useIntl } from 'react-intl'
import { money } from '../i18n/amounts'
import {
  type Amount,
  bestFirst,
  type Credited,
  type Explanation,
  hours,
  type Named,
  type Note,
  type Path,
  type Step,
  said,
} from './answer'
import { Below } from './Below'
import type { Asked } from './choices'
import css from './Explain.module.css'
import { Facts, Line } from './Line'
import { During, Marks, monthName, Name } from './words'

interface Props {
  answer: Explanation
  asked: Asked
  credited: Credited
  amounts: Amount[]
}

/** From the charges up to the partner, each line with what it rests on. */
export function Chain({ answer, asked, credited, amounts }: Props) {
  const [best, ...others] = bestFirst(credited.paths)
  return (
    <ol className={css.chain}>
      {amounts.map((amount) => (
        <Usage key={amount.currency} amount={amount} asked={asked} />
      ))}
      {best && <Way path={best} />}
      {others.length > 0 && (
        <li className={css.between}>
          <details className={css.others}>
            <summary>
              <FormattedMessage id="explain.ways" values={{ count: others.length }} />
            </summary>
            {others.map((path, index) => (
              // Ways differ in their facts only, and do not change places.
              // biome-ignore lint/suspicious/noArrayIndexKey: see above
              <Fragment key={index}>
                <p className={css.way}>
                  <FormattedMessage id="explain.way" values={{ number: index + 2 }} />
                </p>
                <ol className={css.chain}>
                  <Way path={path} />
                </ol>
              </Fragment>
            ))}
          </details>
        </li>
      )}
      <Counted answer={answer} credited={credited} />
    </ol>
  )
}

function Usage({ amount, asked }: { amount: Amount; asked: Asked }) {
  const intl = useIntl()
  const sum = (value: string | undefined) =>
    value === undefined ? '–' : money(intl, value, amount.currency, 10)
  return (
    <Line
      icon={<CoinMultipleRegular />}
      label={<FormattedMessage id="explain.line.usage" />}
      more={
        <>
          <dl className={css.sums}>
            <dt>{intl.formatMessage({ id: 'explain.usage.month' })}</dt>
            <dd>{monthName(intl, amount.month)}</dd>
            <dt>{intl.formatMessage({ id: 'explain.usage.charges' })}</dt>
            <dd>
              <FormattedNumber value={amount.charges} />
            </dd>
            <dt>{intl.formatMessage({ id: 'explain.usage.cost' })}</dt>
            <dd>{sum(amount.cost)}</dd>
            <dt>{intl.formatMessage({ id: 'explain.usage.credited' })}</dt>
            <dd>{sum(amount.credited_cost)}</dd>
          </dl>
          <p>
            <FormattedMessage id="explain.usage.what" />
          </p>
          <Below asked={asked} partner={amount.partner} />
        </>
      }
    >
      {amount.cost === undefined ? (
        <FormattedMessage
          id="explain.usage.chargesOnly"
          values={{ charges: amount.charges, month: monthName(intl, amount.month) }}
        />
      ) : (
        <FormattedMessage
          id="explain.usage"
          values={{
            charges: amount.charges,
            month: monthName(intl, amount.month),
            cost: <strong>{money(intl, amount.cost, amount.currency)}</strong>,
          }}
        />
      )}
    </Line>
  )
}

const only = (path: Path, ...kinds: Step['step'][]) =>
  path.steps.filter((step) => kinds.includes(step.step))

/** Grant, holders and link of one way. */
function Way({ path }: { path: Path }) {
  const grants = only(path, 'grant', 'delegation')
  const members = only(path, 'membership')
  const identity = only(path, 'identity')
  const links = only(path, 'link', 'partner')
  const link = links[0]
  return (
    <>
      <Line
        icon={<KeyRegular />}
        label={<FormattedMessage id="explain.line.covered" />}
        more={
          <>
            <Facts steps={grants} />
            <p>
              <FormattedMessage
                id="explain.when"
                values={{ count: path.when.length, when: <Times of={path.when} /> }}
              />
            </p>
          </>
        }
      >
        <Covered step={grants[0]} />
        {path.notes?.map((note) => (
          <Unjudged key={note.text} note={note} />
        ))}
      </Line>
      <Line
        icon={<PeopleRegular />}
        label={<FormattedMessage id="explain.line.held" />}
        more={<Facts steps={[...members, ...identity]} />}
      >
        <Held members={members} identity={identity[0]} />
      </Line>
      <Line
        icon={<LinkRegular />}
        label={<FormattedMessage id="explain.line.linked" />}
        more={<Facts steps={links} />}
      >
        {link && <Linked step={link} />}
      </Line>
    </>
  )
}

const Times = ({ of }: { of: string[] }) =>
  of.map((text, index) => (
    <Fragment key={text}>
      {index > 0 && ', '}
      <During text={text} />
    </Fragment>
  ))

/** A deny that could not be judged. */
const Unjudged = ({ note }: { note: Note }) => (
  <p className={css.meta}>
    <FormattedMessage
      id={note.why === 'not-actions' ? 'explain.note.notActions' : 'explain.note.roleActions'}
      values={{
        deny: <code>{note.deny}</code>,
        scope: <code>{note.scope}</code>,
        role: <span lang="en">{note.role}</span>,
      }}
    />
    {note.fact && (
      <>
        {' '}
        <code>{note.fact}</code>
      </>
    )}
  </p>
)

function Covered({ step }: { step: Step | undefined }) {
  const grant = step && said(step)
  if (grant?.kind !== 'grant') return <span lang="en">{step?.text}</span>
  return (
    <>
      <FormattedMessage
        id={grant.tenant ? 'explain.covered.delegated' : 'explain.covered'}
        values={{
          role: <strong lang="en">{grant.role}</strong>,
          level: <span lang="en">{grant.class}</span>,
          scope: <code>{grant.scope}</code>,
        }}
      />
      <span className={css.meta}>
        <During text={step?.during ?? ''} />
        {step && <Marks of={step} />}
      </span>
    </>
  )
}

/** From the holder of the role down to the person. */
function Held({ members, identity }: { members: Step[]; identity: Step | undefined }) {
  const way: Named[] = []
  const add = (of: Named) => {
    if (!way.some((one) => one.id === of.id)) way.push(of)
  }
  for (const step of members.map(said)) {
    if (step.kind !== 'membership' && step.kind !== 'inGroup') continue
    add(step.group)
    add(step.member)
  }
  const who = identity && said(identity)
  if (who?.kind === 'identity') add(who.who)
  const since = members.at(-1) ?? identity
  return (
    <>
      {way.map((of, index) => (
        <Fragment key={of.id}>
          {index > 0 && ' → '}
          {index < way.length - 1 ? (
            <FormattedMessage id="explain.held.group" values={{ name: <Name of={of} /> }} />
          ) : (
            <Name of={of} />
          )}
        </Fragment>
      ))}
      {since && (
        <span className={css.meta}>
          <FormattedMessage
            id={members.length ? 'explain.held.member' : 'explain.held.account'}
            values={{ during: <During text={since.during} /> }}
          />
          <Marks of={since} />
        </span>
      )}
    </>
  )
}

function Linked({ step }: { step: Step }) {
  const link = said(step)
  if (link.kind !== 'link') return <span lang="en">{step.text}</span>
  return (
    <>
      <Name of={link.who} /> → {link.partner}
      <span className={css.meta}>
        <During text={step.during} />
        <Marks of={step} />
      </span>
    </>
  )
}

function Counted({ answer, credited }: { answer: Explanation; credited: Credited }) {
  const intl = useIntl()
  const [covered, whole] = credited.weight
  const time = hours(answer, credited.weight)
  const number = (value: number) => intl.formatNumber(value, { maximumFractionDigits: 2 })
  const share = intl.formatNumber(covered / whole, { style: 'percent', maximumFractionDigits: 2 })
  const counts = credited.duplicate_in_global ? 'duplicate' : 'once'
  return (
    <Line
      icon={<CheckmarkCircleRegular />}
      label={<FormattedMessage id="explain.line.counted" />}
      more={<Rules {...{ answer, credited, counts, share }} />}
    >
      <FormattedMessage
        id="explain.counted"
        values={{
          share: <strong>{share}</strong>,
          covered: number(time.covered),
          whole: number(time.whole),
        }}
      />
      <span className={css.meta}>
        <FormattedMessage id={`explain.counted.${counts}` as 'explain.counted.once'} />
      </span>
    </Line>
  )
}

const Rule = ({ number }: { number: string }) => (
  <span className={css.meta}>
    <FormattedMessage id="explain.rule" values={{ rule: number }} />
  </span>
)

/** By which rules a credit counts. */
function Rules(props: {
  answer: Explanation
  credited: Credited
  counts: 'duplicate' | 'once'
  share: string
}) {
  const { answer, credited, counts, share } = props
  const [name, revision] = answer.policy
  return (
    <ul className={css.facts}>
      <li>
        <FormattedMessage
          id="explain.counted.share"
          values={{ fraction: credited.weight.join('/'), share }}
        />
        <Rule number="R26, R33" />
      </li>
      <li>
        <FormattedMessage id={`explain.counted.${counts}.why` as 'explain.counted.once.why'} />
        <Rule number="R27, R28" />
      </li>
      <li>
        <FormattedMessage
          id="explain.counted.pec"
          values={{ eligible: credited.pec_eligible ? 'yes' : 'no' }}
        />
      </li>
      <li>
        <FormattedMessage
          id="explain.counted.policy"
          values={{ name: <code>{name}</code>, revision: <code>{revision}</code> }}
        />
      </li>
    </ul>
  )
}
