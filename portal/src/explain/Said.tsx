import { Fragment, type ReactNode } from 'react'
import { FormattedMessage, type IntlShape, useIntl } from 'react-intl'
import { money } from '../i18n/amounts'
import type { Change, Excluded, Finding, Line, Noun, Step } from './answer'
import { During, instant, Marks, monthName, Name, RoleName, Scope, Times } from './words'

type Value = string | number | boolean | null | undefined | Noun | Excluded[]

/** Fields that are ids, or words of the service. */
const CODES = ['scope', 'tenant', 'other', 'delegation', 'deny', 'line', 'policy', 'level']

/** What the arguments of a text are filled with: the fields of what is said, each in its form. */
function argumentsOf(intl: IntlShape, of: Record<string, Value>): Record<string, ReactNode> {
  const filled = Object.entries(of).map(([name, value]) => [name, shown(intl, name, value)])
  return Object.fromEntries(filled)
}

function shown(intl: IntlShape, name: string, value: Value): ReactNode {
  if (value == null) return 'none'
  if (typeof value === 'string') {
    if (name === 'month') return monthName(intl, value)
    if (name === 'at') return <time dateTime={value}>{instant(intl, value)}</time>
    return CODES.includes(name) ? <code>{value}</code> : value
  }
  if (typeof value !== 'object') return value
  if ('length' in value) return <List of={value} />
  if ('who' in value) return <Holders of={value} />
  if ('from' in value) return <During of={value} />
  if ('path' in value || 'inside' in value) return <Scope of={value} />
  return name === 'role' ? <RoleName of={value} /> : <Name of={value} withId />
}

/** What a step says. */
export function StepText({ step }: { step: Step }) {
  const intl = useIntl()
  return (
    <>
      <FormattedMessage id={`explain.step.${step.step}`} values={argumentsOf(intl, step)} />
      {step.step === 'grant' && step.conditional && (
        <>
          {' '}
          <FormattedMessage id="explain.step.condition" />
        </>
      )}
    </>
  )
}

/** What was found of a cause, with the fact behind it. */
export function Found({ finding, line }: { finding: Finding; line: Line }) {
  const intl = useIntl()
  const id =
    finding.kind === 'deny-not-judged'
      ? (`whynot.found.${finding.kind}.${finding.why}` as const)
      : (`whynot.found.${finding.kind}` as const)
  const values = argumentsOf(intl, finding)
  return (
    <>
      <FormattedMessage id={id} values={values} />
      {'held' in finding && finding.held && finding.kind !== 'none-of-them-linked' && (
        <>
          {' '}
          <FormattedMessage id="whynot.held" values={values} />
        </>
      )}
      {finding.kind === 'in-no-tenant' && finding.known && (
        <>
          {' '}
          <FormattedMessage id="whynot.known" values={values} />
        </>
      )}
      {line.fact && (
        <>
          {' · '}
          <FormattedMessage id="explain.fact" values={{ fact: <code>{line.fact}</code> }} />
        </>
      )}
      <Marks of={line} />
    </>
  )
}

/** A change that would give credit. */
export function ChangeText({ change }: { change: Change }) {
  const intl = useIntl()
  return <FormattedMessage id={`whynot.change.${change.kind}`} values={argumentsOf(intl, change)} />
}

const Holders = ({ of }: { of: Extract<Noun, { who: unknown }> }) => {
  const who = of.who.map((one, index) => (
    <Fragment key={one.id}>
      {index > 0 && ', '}
      <Name of={one} withId />
    </Fragment>
  ))
  return <FormattedMessage id="whynot.holders" values={{ who, more: of.more }} />
}

/** Times, or charges that are left out. */
function List({ of }: { of: Extract<Noun, unknown[]> | Excluded[] }) {
  const intl = useIntl()
  const left = of.flatMap((one) => ('reason' in one ? [one] : []))
  const times = of.flatMap((one) => ('from' in one ? [one] : []))
  if (left.length === 0) return <Times of={times} />
  return left.map(({ reason, charges, cost, currency }, index) => (
    <Fragment key={reason + currency}>
      {index > 0 && '; '}
      <FormattedMessage
        id="whynot.excluded"
        values={{ reason: <code>{reason}</code>, charges, cost: money(intl, cost, currency) }}
      />
    </Fragment>
  ))
}
