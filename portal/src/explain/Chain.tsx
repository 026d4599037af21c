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
  type Path,
  type Step,
} from './answer'
import { Below } from './Below'
import type { Asked } from './choices'
import css from './Explain.module.css'
import { Facts, Line } from './Line'
import { Found } from './Said'
import { During, Marks, monthName, Name, RoleName, Scope, Times } from './words'

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
      {credited.paths_left_out ? (
        <li className={css.between}>
          <p className={css.meta}>
            <FormattedMessage
              id="explain.ways.leftOut"
              values={{ count: credited.paths_left_out }}
            />
          </p>
        </li>
      ) : null}
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

/** Grant, holders and link of one way. */
function Way({ path }: { path: Path }) {
  const steps = path.steps
  const grants = steps.filter((one) => one.step === 'grant' || one.step === 'delegation')
  const members = steps.filter((one) => one.step === 'membership' || one.step === 'in-group')
  const identity = steps.filter((one) => one.step === 'identity')
  const links = steps.filter((one) => one.step === 'link')
  const partners = steps.filter((one) => one.step === 'partner')
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
        {grants.map((grant) => (
          <Covered key={grant.step} grant={grant} />
        ))}
        {path.notes?.map((note) => (
          <p key={JSON.stringify(note)} className={css.meta}>
            <Found finding={note.finding} line={note} />
          </p>
        ))}
      </Line>
      <Line
        icon={<PeopleRegular />}
        label={<FormattedMessage id="explain.line.held" />}
        more={<Facts steps={[...members, ...identity]} />}
      >
        <Held members={members} identity={identity[0]} />
        {path.memberships_left_out ? (
          <p className={css.meta}>
            <FormattedMessage
              id="explain.held.leftOut"
              values={{ count: path.memberships_left_out }}
            />
          </p>
        ) : null}
      </Line>
      <Line
        icon={<LinkRegular />}
        label={<FormattedMessage id="explain.line.linked" />}
        more={<Facts steps={[...links, ...partners]} />}
      >
        {links.map((link) => (
          <Linked key={link.step} link={link} />
        ))}
      </Line>
    </>
  )
}

type Kind<S extends Step['step']> = Extract<Step, { step: S }>

const Covered = ({ grant }: { grant: Kind<'grant' | 'delegation'> }) => (
  <>
    <FormattedMessage
      id={grant.step === 'delegation' ? 'explain.covered.delegated' : 'explain.covered'}
      values={{
        role: <RoleName of={grant.role} />,
        level: <span lang="en">{grant.class}</span>,
        scope: <Scope of={grant.scope} />,
      }}
    />
    <Since step={grant} />
  </>
)

const Since = ({ step }: { step: Step }) => (
  <span className={css.meta}>
    <During of={step.during} />
    <Marks of={step} />
  </span>
)

interface HeldProps {
  members: Kind<'membership' | 'in-group'>[]
  identity?: Kind<'identity'>
}

/** From the holder of the role down to the person. */
function Held({ members, identity }: HeldProps) {
  const way = new Map<string, Named>()
  const named = members.flatMap(({ group, member }) => [group, member])
  for (const one of identity ? [...named, identity.who] : named) way.set(one.id, one)
  const since = members.at(-1) ?? identity
  return (
    <>
      {[...way.values()].map((of, index) => (
        <Fragment key={of.id}>
          {index > 0 && ' → '}
          {index < way.size - 1 ? (
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
            values={{ during: <During of={since.during} /> }}
          />
          <Marks of={since} />
        </span>
      )}
    </>
  )
}

const Linked = ({ link }: { link: Kind<'link'> }) => (
  <>
    <Name of={link.who} /> → {link.partner}
    <Since step={link} />
  </>
)

function Counted({ answer, credited }: { answer: Explanation; credited: Credited }) {
  const intl = useIntl()
  const [covered = 0, whole = 1] = credited.weight
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
