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
import { Marks } from '../explain/words'
import { CauseText } from './causes'
import { inOrder } from './headline'
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
        {inOrder(checks).map(({ check, isAfter }) => (
          <li
            key={check.code}
            value={check.number}
            data-verdict={check.verdict}
            data-code={check.code}
            className={isAfter ? css.after : undefined}
          >
            {/* Remade when all are opened or closed, so that each can be changed again by itself. */}
            <One
              key={String(isOpen)}
              check={check}
              isOpen={isOpen || check.number === first?.number}
            />
            {check.number === first?.number && check.number < 28 && (
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
          <FormattedMessage id={`whynot.verdict.${verdict}` as 'whynot.verdict.fails'} />
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
            <span lang="en">{check.detail}</span>
            {check.fact && (
              <>
                {' · '}
                <FormattedMessage id="explain.fact" values={{ fact: <code>{check.fact}</code> }} />
              </>
            )}
            <Marks of={check} />
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
              <dd lang="en">{check.change}</dd>
            </>
          )}
        </dl>
      </div>
    </details>
  )
}
