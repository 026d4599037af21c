import { FormattedMessage, useIntl } from 'react-intl'
import { directoryName } from '../api/session'
import { Page } from '../parts/Page'
import { Waiting } from '../parts/Waiting'
import { useSigned } from '../shell/Signed'
import { AlertList } from './AlertList'
import { Credited } from './Credited'
import { useLinked } from './data'
import { Linked } from './Linked'
import { Seen } from './Seen'

/** What a customer's auditors see: partners that work in the directory, and what these see of it. */
export function DirectoryPage() {
  const intl = useIntl()
  const { account, roles } = useSigned().session
  const directory = directoryName(account)
  return (
    <Page title={intl.formatMessage({ id: 'directory.title' }, { directory })}>
      {roles.auditor ? (
        <Shown key={account.tenantId} directory={directory} />
      ) : (
        <p>
          <FormattedMessage id="directory.role" values={{ directory }} />
        </p>
      )}
    </Page>
  )
}

function Shown({ directory }: { directory: string }) {
  const linked = useLinked()
  return (
    <>
      <p>
        <FormattedMessage id="directory.intro" values={{ directory }} />
      </p>
      <Waiting for={linked} />
      {linked.data && (
        <>
          <Linked links={linked.data.value} here={linked.data.tenantId} directory={directory} />
          <Credited links={linked.data.value} directory={directory} />
          <Seen level={linked.data.privacy} directory={directory} />
        </>
      )}
      <AlertList />
    </>
  )
}
