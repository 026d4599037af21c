import { Button, MessageBar, MessageBarBody, ProgressBar } from '@fluentui/react-components'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { FormattedMessage, useIntl } from 'react-intl'
import { LINK } from '../link/LinkPage'
import { ErrorBox } from '../parts/ErrorBox'
import { notify } from '../parts/notices'
import { queries, SESSION } from '../queries'
import { apply, type Outcomes } from './apply'
import { download, planCsv, planYaml } from './files'
import css from './Links.module.css'
import { LINKS } from './LinksPage'
import { PlanTable } from './PlanTable'
import { ACTIONS, hasNoAccess, type Intent, isChange, type Step, totals } from './plan'

type Phase = 'planned' | 'running' | 'stopping' | 'ended'

/** A plan: looked at, applied, stopped, taken away. */
export function Run(props: { intent: Intent; steps: Step[]; again: () => void }) {
  const { steps } = props
  const run = useRun(steps)
  const { phase, outcomes } = run
  const changes = steps.filter(isChange).length
  return (
    <section>
      <h3>
        <FormattedMessage id="links.plan.title" />
      </h3>
      <Totals steps={steps} />
      {changes === 0 && (
        <Note>
          <FormattedMessage
            id={
              steps.some((one) => one.action === 'cannot')
                ? 'links.plan.cannotAny'
                : 'links.plan.nothing'
            }
          />
        </Note>
      )}
      <Progress run={run} all={changes} />
      {run.error != null && <ErrorBox error={run.error} />}
      <div className={css.bar}>
        {phase === 'planned' && changes > 0 && (
          <Button appearance="primary" onClick={run.start}>
            <FormattedMessage id="links.apply" values={{ count: changes }} />
          </Button>
        )}
        {(phase === 'running' || phase === 'stopping') && (
          <Button onClick={run.stop}>
            <FormattedMessage id={phase === 'running' ? 'links.stop' : 'links.stopping'} />
          </Button>
        )}
        {phase === 'ended' && (
          <Button appearance="primary" onClick={props.again}>
            <FormattedMessage id="links.again" />
          </Button>
        )}
        <Button
          onClick={() => download('links.csv', 'text/csv;charset=utf-8', planCsv(steps, outcomes))}
        >
          <FormattedMessage id="links.download.csv" />
        </Button>
        <Button onClick={() => download('links.yaml', 'application/yaml', planYaml(steps))}>
          <FormattedMessage id="links.download.yaml" />
        </Button>
      </div>
      <PlanTable steps={steps} outcomes={outcomes} />
    </section>
  )
}

/** Applies the steps, and knows how far that is. */
function useRun(steps: Step[]) {
  const intl = useIntl()
  const [phase, setPhase] = useState<Phase>('planned')
  const [outcomes, setOutcomes] = useState<Outcomes>({})
  const [error, setError] = useState<unknown>(null)
  const isStopped = useRef(false)
  // Whoever leaves the page leaves the rest undone.
  useEffect(() => {
    isStopped.current = false
    return () => {
      isStopped.current = true
    }
  }, [])

  const start = async () => {
    const known: Outcomes = Object.fromEntries(
      steps.filter(isChange).map((one) => [one.directory.tenantId, { state: 'waiting' }]),
    )
    setPhase('running')
    setOutcomes({ ...known })
    const ended = await apply(
      steps,
      (tenantId, outcome) => {
        known[tenantId] = outcome
        setOutcomes({ ...known })
      },
      () => isStopped.current,
    )
    setError(ended)
    await Promise.all(
      [LINKS, LINK, SESSION].map((queryKey) => queries.invalidateQueries({ queryKey })),
    )
    setPhase('ended')
    notify(intl.formatMessage({ id: 'links.ended' }, counted(known)))
  }
  const stop = () => {
    isStopped.current = true
    setPhase('stopping')
  }
  return { phase, outcomes, error, start, stop }
}

/** How many lines are where. */
function counted(outcomes: Outcomes) {
  const count = (...states: string[]) =>
    Object.values(outcomes).filter(({ state }) => states.includes(state)).length
  return { done: count('done'), failed: count('failed'), left: count('left') }
}

/** How many lines of each kind there are, and how many would earn nothing. */
function Totals({ steps }: { steps: Step[] }) {
  const all = totals(steps)
  const poor = steps.filter(hasNoAccess).length
  return (
    <>
      <ul className={css.totals}>
        {ACTIONS.filter((action) => all[action] > 0).map((action) => (
          <li key={action}>
            <FormattedMessage
              id={`links.total.${action}` as 'links.total.link'}
              values={{ count: all[action] }}
            />
          </li>
        ))}
      </ul>
      {poor > 0 && (
        <Note intent="warning">
          <FormattedMessage id="links.noAccess.total" values={{ count: poor }} />
        </Note>
      )}
    </>
  )
}

const Note = (props: { intent?: 'info' | 'warning' | 'success'; children: ReactNode }) => (
  <MessageBar intent={props.intent} layout="multiline" className={css.note}>
    <MessageBarBody>{props.children}</MessageBarBody>
  </MessageBar>
)

/** Seen line by line, read out at every quarter and at the end. */
function Progress({ run, all }: { run: ReturnType<typeof useRun>; all: number }) {
  const intl = useIntl()
  const { done, failed, left } = counted(run.outcomes)
  const gone = done + failed + left
  const quarter = Math.floor((Math.floor((gone * 4) / Math.max(all, 1)) * all) / 4)
  const isRunning = run.phase === 'running' || run.phase === 'stopping'
  return (
    <>
      {isRunning && (
        <div className={css.progress}>
          <ProgressBar
            value={gone}
            max={all}
            aria-label={intl.formatMessage({ id: 'links.progress.name' })}
          />
          <p aria-hidden>
            <FormattedMessage id="links.progress" values={{ done: gone, all }} />
          </p>
        </div>
      )}
      <div role="status">
        {isRunning && (
          <span className="hidden">
            <FormattedMessage id="links.progress" values={{ done: quarter, all }} />
          </span>
        )}
        {run.phase === 'ended' && (
          <Note intent={failed + left > 0 ? 'warning' : 'success'}>
            <FormattedMessage id="links.ended" values={{ done, failed, left }} />
          </Note>
        )}
      </div>
    </>
  )
}
