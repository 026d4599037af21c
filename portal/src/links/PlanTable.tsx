import { WarningRegular } from '@fluentui/react-icons'
import { FormattedMessage, useIntl } from 'react-intl'
import { ApiError } from '../api/errors'
import { directoryName } from '../api/session'
import { ScrollTable } from '../parts/ScrollTable'
import type { Failure, Outcome, Outcomes } from './apply'
import css from './Links.module.css'
import { type Action, hasNoAccess, type Step } from './plan'

/** As in plans of other tools; the word stands beside it. */
const SYMBOLS: Record<Action, string> = {
  link: '+',
  change: '~',
  remove: '−',
  unchanged: '=',
  cannot: '!',
}

/** Each line of a plan, and what became of it. */
export function PlanTable({ steps, outcomes }: { steps: Step[]; outcomes: Outcomes }) {
  const intl = useIntl()
  const isApplied = Object.keys(outcomes).length > 0
  return (
    <ScrollTable
      name={intl.formatMessage({ id: 'links.plan.title' })}
      head={
        <>
          <th scope="col">
            <FormattedMessage id="links.column.change" />
          </th>
          <th scope="col">
            <FormattedMessage id="links.column.directory" />
          </th>
          <th scope="col">
            <FormattedMessage id="links.column.account" />
          </th>
          <th scope="col">
            <FormattedMessage id="links.column.partner" />
          </th>
          {isApplied && (
            <th scope="col">
              <FormattedMessage id="links.column.result" />
            </th>
          )}
        </>
      }
    >
      {steps.map((step) => (
        <tr key={step.directory.tenantId}>
          <td>
            <span className={css.action}>
              <span className={css.symbol} aria-hidden>
                {SYMBOLS[step.action]}
              </span>
              <FormattedMessage id={`links.action.${step.action}` as 'links.action.link'} />
            </span>
          </td>
          <th scope="row">
            <span lang="">{directoryName(step.directory)}</span>
            <span className="small">{step.directory.domain}</span>
          </th>
          <td>{step.directory.name ?? step.directory.objectId}</td>
          <td>
            <What step={step} />
          </td>
          {isApplied && (
            <td>
              <Result outcome={outcomes[step.directory.tenantId]} />
            </td>
          )}
        </tr>
      ))}
    </ScrollTable>
  )
}

function What({ step }: { step: Step }) {
  const { action, from, to, directory, reason } = step
  return (
    <>
      {action === 'change' ? (
        <FormattedMessage id="links.fromTo" values={{ from, to }} />
      ) : (
        ((action === 'link' ? to : from) ?? '–')
      )}
      {reason && (
        <span className={css.failed}>
          <FormattedMessage
            id={`links.cannot.${reason}` as 'links.cannot.linkedElsewhere'}
            values={{ partner: directory.link?.partnerName ?? from ?? '' }}
          />
        </span>
      )}
      {hasNoAccess(step) && (
        <span className={css.warning}>
          <WarningRegular aria-hidden fontSize={16} />
          <FormattedMessage id="links.noAccess" />
        </span>
      )}
    </>
  )
}

function Result({ outcome }: { outcome: Outcome | undefined }) {
  if (!outcome) return '–'
  return (
    <>
      <FormattedMessage id={`links.result.${outcome.state}` as 'links.result.done'} />
      {outcome.state === 'failed' && (
        <span className={css.failed}>
          <Why failure={outcome.why} />
        </span>
      )}
    </>
  )
}

function Why({ failure }: { failure: Failure }) {
  if (failure.kind === 'moved') {
    return (
      <FormattedMessage
        id="links.failed.moved"
        values={{ linked: failure.to ? 'yes' : 'no', partner: failure.to ?? '' }}
      />
    )
  }
  if (failure.kind !== 'other') {
    return <FormattedMessage id={`links.failed.${failure.kind}` as 'links.failed.busy'} />
  }
  // What the service says, in its own language.
  if (failure.error instanceof ApiError) return <span lang="en">{failure.error.message}</span>
  return <FormattedMessage id="parts.unreachable" />
}
