import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { FormattedDate, FormattedMessage } from 'react-intl'
import { type Grant, readOwnAccess } from '../api/client'
import { Bar } from '../parts/Bar'
import { ScrollTable } from '../parts/ScrollTable'
import { Waiting } from '../parts/Waiting'
import { useSigned } from '../shell/Signed'
import css from './Link.module.css'

export const ACCESS = ['access']

const COLUMNS = [
  'link.access.scope',
  'link.access.role',
  'link.access.way',
  'link.access.until',
] as const

/** The roles that the account holds in this directory, or from it: what a link earns from. */
export function AccessTable({ title, warn }: { title: string; warn?: boolean }) {
  const { account } = useSigned().session
  const access = useQuery({
    queryKey: [...ACCESS, account.tenantId],
    queryFn: () => readOwnAccess(),
  })
  const earns = access.data?.some((grant) => !grant.eligibleOnly && !grant.denied)
  return (
    <section>
      <h2>{title}</h2>
      <Waiting for={access} />
      {access.data && !earns && (
        <Bar intent="warning" className={css.bar}>
          <FormattedMessage id={warn ? 'link.access.none' : 'link.access.noneYet'} />{' '}
          <Link to="/why-not">
            <FormattedMessage id="link.access.why" />
          </Link>
        </Bar>
      )}
      {access.data && access.data.length > 0 && <Grants grants={access.data} title={title} />}
    </section>
  )
}

function Grants({ grants, title }: { grants: Grant[]; title: string }) {
  return (
    <ScrollTable name={title} columns={COLUMNS}>
      {grants.map((grant) => (
        <tr key={[grant.scope, grant.role, ...grant.via.map((step) => step.id)].join()}>
          <td title={grant.scope}>
            {grant.scopeName ?? grant.scope}
            {grant.customerTenantName && ` · ${grant.customerTenantName}`}
          </td>
          <td>
            {grant.role}
            {grant.denied && (
              <>
                {' · '}
                <FormattedMessage id="link.access.denied" />
              </>
            )}
            {grant.eligibleOnly && (
              <>
                {' · '}
                <FormattedMessage id="link.access.eligible" />
              </>
            )}
            {grant.assumed && (
              <>
                {' · '}
                <FormattedMessage id="link.access.assumed" />
              </>
            )}
          </td>
          <td>
            <Way grant={grant} />
          </td>
          <td>{grant.to ? <FormattedDate value={grant.to} dateStyle="medium" /> : '–'}</td>
        </tr>
      ))}
    </ScrollTable>
  )
}

function Way({ grant }: { grant: Grant }) {
  if (grant.via.length === 0) return <FormattedMessage id="link.access.direct" />
  return grant.via.map((step, index) => (
    <span key={step.id}>
      {index > 0 && ' → '}
      <FormattedMessage
        id={`link.access.${step.kind}` as 'link.access.group'}
        values={{ name: step.name ?? step.id }}
      />
    </span>
  ))
}
