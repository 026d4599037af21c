import type { ReactNode } from 'react'
import { FormattedMessage } from 'react-intl'
import type { Step } from './answer'
import css from './Explain.module.css'
import { StepText } from './Said'
import { During, Marks } from './words'

interface Props {
  icon: ReactNode
  label: ReactNode
  /** What the line says when it is closed. */
  children: ReactNode
  more: ReactNode
  isOpen?: boolean
}

/** A line of the chain: it opens, by keyboard too, and shows what it rests on. */
export function Line({ icon, label, children, more, isOpen }: Props) {
  return (
    <li>
      <details className={css.line} open={isOpen}>
        <summary>
          <span className={css.icon} aria-hidden>
            {icon}
          </span>
          <span className={css.label}>{label}</span> <span className={css.said}>{children}</span>
        </summary>
        <div className={css.more}>{more}</div>
      </details>
    </li>
  )
}

/** The facts that a line rests on, each with its time, its rule, and its place for those who have it. */
export function Facts({ steps }: { steps: Step[] }) {
  return (
    <ul className={css.facts}>
      {steps.map((step) => (
        <li key={JSON.stringify(step)}>
          <StepText step={step} />
          <span className={css.meta}>
            <During of={step.during} />
            <Marks of={step} /> ·{' '}
            <FormattedMessage id="explain.rule" values={{ rule: step.rule }} />
            {step.fact && (
              <>
                {' '}
                · <FormattedMessage id="explain.fact" values={{ fact: <code>{step.fact}</code> }} />
              </>
            )}
          </span>
        </li>
      ))}
    </ul>
  )
}
