import { Button } from '@fluentui/react-components'
import {
  CheckmarkCircleFilled,
  DismissCircleFilled,
  EyeOffRegular,
  QuestionCircleRegular,
  SubtractCircleRegular,
} from '@fluentui/react-icons'
import { useState } from 'react'
import { FormattedMessage } from 'react-intl'
import { type Check, firstFailure, type Verdict } from '../explain/answer'
import { ChangeText, Found } from '../explain/Said'
import { CauseText } from './causes'
import css from './WhyNot.module.css'

const ICONS: Record<Verdict, React.ReactNode> = {
  fails: <DismissCircleFilled className={css.fails} />,
  passes: <CheckmarkCircleFilled className={css.passes} />,
  'does-not-apply': <SubtractCircleRegular />,
  outside: <EyeOffRegular />,
  'not-asked': <QuestionCircleRegular />,
}

/** All known causes in order. The first that fails decides; what follows is shown, but grey. */
export function Checks({ checks }: { checks: Check[] }) {
  const first = firstFailure(checks)
  const [isOpen, setOpen] = useState(false)
  return (
    <section>
      <h2>
        <FormattedMessage id="whynot.checks" />
      </h2>
      <p>
        <FormattedMessage id="whynot.checks.text" />
      </p>
      <Button size="small" onClick={() => setOpen(!isOpen)} aria-expanded={isOpen}>
        <FormattedMessage id={isOpen ? 'whynot.checks.close' : 'whynot.checks.open'} />
      </Button>
      <ol className={css.checks}>
        {checks.map((check, at) => (
          <li
            key={check.code}
            value={check.number ?? undefined}
            data-verdict={check.verdict}
            data-code={check.code}
            className={first && at > checks.indexOf(first) ? css.after : undefined}
          >
            {/* Remade when all are opened or closed, so that each can be changed again by itself. */}
            <One key={String(isOpen)} check={check} isOpen={isOpen || check === first} />
            {check === first && at < checks.length - 1 && (
              <p className={css.stop}>
                <FormattedMessage id="whynot.checks.after" values={{ number: check.number }} />
              </p>
            )}
          </li>
        ))}
      </ol>
    </section>
  )
}

function One({ check, isOpen }: { check: Check; isOpen: boolean }) {
  const { code, verdict } = check
  return (
    <details open={isOpen} className={css.check}>
      <summary>
        <span className={css.icon} aria-hidden>
          {ICONS[verdict]}
        </span>
        <span className={css.title}>
          {check.number}{' '}
          <strong>
            <CauseText code={code} part="title" />
          </strong>{' '}
          <code>{code}</code>
        </span>
        <span className={css.verdict}>
          <FormattedMessage id={`whynot.verdict.${verdict}`} />
        </span>
      </summary>
      <div className={css.more}>
        <p>
          <CauseText code={code} part="meaning" />
        </p>
        <dl>
          <dt>
            <FormattedMessage id="whynot.found" />
          </dt>
          <dd>
            {check.finding ? (
              <Found finding={check.finding} line={check} />
            ) : (
              <FormattedMessage
                id={verdict === 'not-asked' ? 'whynot.notAsked' : 'whynot.outside'}
              />
            )}
          </dd>
          <dt>
            <FormattedMessage id="whynot.do" />
          </dt>
          <dd>
            <CauseText code={code} part="remedy" />
          </dd>
          {check.change && (
            <>
              <dt>
                <FormattedMessage id="whynot.change" />
              </dt>
              <dd>
                <ChangeText change={check.change} />
              </dd>
            </>
          )}
        </dl>
      </div>
    </details>
  )
}
