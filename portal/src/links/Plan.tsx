import { Button } from '@fluentui/react-components'
import { ArrowLeftRegular } from '@fluentui/react-icons'
import { useEffect, useRef, useState } from 'react'
import { FormattedMessage } from 'react-intl'
import type { OwnDirectory } from '../api/client'
import { PartnerForm } from '../link/PartnerForm'
import css from './Links.module.css'
import { type Intent, planFor, type Step } from './plan'
import { Run } from './Run'

/** What is wanted, to whom, and the plan that comes of it. Nothing is changed before it was seen. */
export function Plan(props: {
  intent: Intent
  /** Those that were chosen, as they are now. */
  directories: OwnDirectory[]
  back: () => void
}) {
  const { intent, directories } = props
  const heading = useRef<HTMLHeadingElement>(null)
  const [text, setText] = useState('')
  const [partnerId, setPartnerId] = useState(intent === 'remove' ? '' : null)
  // The plan is what is applied: what changes elsewhere meanwhile does not change it.
  const [steps, setSteps] = useState<Step[] | null>(() =>
    intent === 'remove' ? planFor(intent, directories, '') : null,
  )
  const [made, setMade] = useState(0)
  useEffect(() => heading.current?.focus(), [])

  const make = (id: string) => {
    setPartnerId(id)
    setSteps(planFor(intent, directories, id))
    setMade(made + 1)
  }
  return (
    <>
      <Button appearance="subtle" icon={<ArrowLeftRegular />} onClick={props.back}>
        <FormattedMessage id="links.back" />
      </Button>
      <h2 ref={heading} tabIndex={-1}>
        <FormattedMessage
          id={`links.plan.${intent}` as 'links.plan.link'}
          values={{ count: directories.length }}
        />
      </h2>
      {intent !== 'remove' && (
        <PartnerForm
          text={text}
          setText={(next) => {
            setText(next)
            setSteps(null)
          }}
          send={async (id) => make(id)}
          action={<FormattedMessage id="links.plan.make" />}
          happens={
            <p className={css.small}>
              <FormattedMessage id="links.plan.nothingYet" />
            </p>
          }
          suggest
        />
      )}
      {steps && partnerId !== null && (
        <Run key={made} intent={intent} steps={steps} again={() => make(partnerId)} />
      )}
    </>
  )
}
