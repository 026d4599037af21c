import { MessageBarTitle } from '@fluentui/react-components'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { FormattedMessage } from 'react-intl'
import { directoryName } from '../api/session'
import { Bar } from '../parts/Bar'
import { useSigned } from '../shell/Signed'
import type { Asked } from './choices'
import css from './Explain.module.css'
import { OtherDirectories } from './OtherDirectories'
import { isClear, resourceOf } from './resource'

/**
 * The service says "not there, or not yours", and means it: it does not tell which. What can be
 * told is who asks, where, and what that reader sees.
 */
export function NotThere({ asked, detail }: { asked: Asked; detail: string }) {
  const { account } = useSigned().session
  const resource = resourceOf(asked.resource)
  const isInside = isClear(resource) && resource.kind !== 'subscription'
  return (
    <section className={css.part}>
      <Bar intent="warning" className={css.bar} role="alert">
        <MessageBarTitle>
          <FormattedMessage id="explain.notThere" />
        </MessageBarTitle>
        <br />
        <FormattedMessage id="explain.notThere.text" />
      </Bar>
      <h2>
        <FormattedMessage id="explain.notThere.check" />
      </h2>
      <ul className={css.facts}>
        <li>
          <FormattedMessage
            id="explain.notThere.directory"
            values={{
              account: <strong>{account.name ?? account.objectId}</strong>,
              directory: <strong lang="">{directoryName(account)}</strong>,
              as: <FormattedMessage id={`explain.as.${asked.as}` as 'explain.as.partner'} />,
            }}
          />
        </li>
        <li>
          <FormattedMessage
            id="explain.notThere.id"
            values={{ resource: <code>{asked.resource}</code> }}
          />
        </li>
        {isInside && asked.as === 'partner' && (
          <li>
            <FormattedMessage
              id="explain.notThere.inside"
              values={{ subscription: link({ ...asked, resource: resource.subscription }) }}
            />
          </li>
        )}
        <li>
          <FormattedMessage
            id={`explain.notThere.as.${asked.as}` as 'explain.notThere.as.partner'}
          />
        </li>
        {asked.partner && (
          <li>
            <FormattedMessage
              id="explain.notThere.partner"
              values={{ partner: asked.partner, link: link({ ...asked, partner: undefined }) }}
            />
          </li>
        )}
      </ul>
      <OtherDirectories />
      <p className="details">
        <FormattedMessage
          id="explain.notThere.said"
          values={{ detail: <span lang="en">{detail}</span> }}
        />
      </p>
    </section>
  )
}

const link = (asked: Omit<Asked, 'partner'> & { partner?: string }) => (chunks: ReactNode) => (
  <Link to="/explain" search={asked}>
    {chunks}
  </Link>
)
