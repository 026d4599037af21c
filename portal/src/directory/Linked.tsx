import { WarningRegular } from '@fluentui/react-icons'
import { FormattedDate, FormattedMessage, useIntl } from 'react-intl'
import { ScrollTable } from '../parts/ScrollTable'
import css from './Directory.module.css'
import type { Link } from './data'

const COLUMNS = [
  'directory.column.partner',
  'directory.column.account',
  'directory.column.subscriptions',
  'directory.column.since',
  'directory.column.warnings',
] as const

/** Who is linked to which partner, with the access that the link counts for. */
export function Linked(props: { links: Link[]; here: string; directory: string }) {
  const intl = useIntl()
  const { here, directory } = props
  const name = (link: Link) => link.partnerName ?? link.partnerId
  const links = props.links.toSorted((one, other) =>
    name(one).localeCompare(name(other), intl.locale),
  )
  return (
    <section>
      <h2>
        <FormattedMessage id="directory.linked" />
      </h2>
      {links.length === 0 ? (
        <p>
          <FormattedMessage id="directory.linked.none" values={{ directory }} />
        </p>
      ) : (
        <ScrollTable name={intl.formatMessage({ id: 'directory.linked' })} columns={COLUMNS}>
          {links.map((link) => (
            <Row key={`${link.tenantId}/${link.objectId}`} link={link} here={here} />
          ))}
        </ScrollTable>
      )}
      <p>
        <FormattedMessage id="directory.end" />
      </p>
    </section>
  )
}

function Row({ link, here }: { link: Link; here: string }) {
  return (
    <tr>
      <th scope="row">
        <span lang="">{link.partnerName ?? '–'}</span>
        <span className="small">{link.partnerId}</span>
      </th>
      <td>
        {link.name ?? link.objectId}
        {link.signInName && link.signInName !== link.name && (
          <span lang="" className="small">
            {link.signInName}
          </span>
        )}
        <span className="small">
          <FormattedMessage
            id={link.tenantId === here ? 'directory.account.here' : 'directory.account.delegated'}
            values={{ directory: link.tenantName ?? link.tenantId }}
          />
        </span>
      </td>
      <td>
        <Subscriptions of={link} />
      </td>
      <td className={css.date}>
        {link.since ? <FormattedDate value={link.since} dateStyle="medium" /> : '–'}
        {link.sinceAssumed && (
          <span className="small">
            <FormattedMessage id="explain.assumed" />
          </span>
        )}
      </td>
      <td>
        {link.warnings.map((warning) => (
          <span key={warning} className={css.warning}>
            <WarningRegular aria-hidden fontSize={16} />
            <FormattedMessage id={`directory.warning.${warning}` as 'directory.warning.disabled'} />
          </span>
        ))}
        {link.warnings.length === 0 && '–'}
      </td>
    </tr>
  )
}

/** So many are named; of more it is said how many. */
const NAMED = 5

function Subscriptions({ of }: { of: Link }) {
  const all = of.subscriptions
  if (all.length === 0) return <FormattedMessage id="directory.subscriptions.none" />
  return (
    <ul className={css.names}>
      {all.slice(0, NAMED).map((one) => (
        <li key={one.subscriptionId} lang="" title={one.subscriptionId}>
          {one.displayName ?? one.subscriptionId}
        </li>
      ))}
      {all.length > NAMED && (
        <li>
          <FormattedMessage
            id="directory.subscriptions.more"
            values={{ count: all.length - NAMED }}
          />
        </li>
      )}
    </ul>
  )
}
