import { Button, Checkbox } from '@fluentui/react-components'
import { ArrowSortDownRegular, ArrowSortUpRegular } from '@fluentui/react-icons'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { FormattedDate, FormattedMessage, useIntl } from 'react-intl'
import type { OwnDirectory } from '../api/client'
import { directoryName } from '../api/session'
import { ErrorBox } from '../parts/ErrorBox'
import { notify } from '../parts/notices'
import { ScrollTable } from '../parts/ScrollTable'
import { useSigned } from '../shell/Signed'
import css from './Links.module.css'
import { COLUMNS, type Column } from './sort'

interface Sort {
  column: Column
  isDown: boolean
  sortBy: (column: Column) => void
}

/** One row for each directory, with a box to choose it. */
export function DirectoryTable(props: {
  directories: OwnDirectory[]
  chosen: ReadonlySet<string>
  choose: (chosen: ReadonlySet<string>) => void
  /** `undefined` = not known, or not to be seen. */
  credited: Record<string, string> | undefined
  sort: Sort
}) {
  const intl = useIntl()
  const { directories, chosen, choose } = props
  const [error, setError] = useState<unknown>(null)
  const count = directories.filter((one) => chosen.has(one.tenantId)).length
  const set = (ids: string[], isChosen: boolean) =>
    choose(
      isChosen
        ? new Set([...chosen, ...ids])
        : new Set([...chosen].filter((id) => !ids.includes(id))),
    )
  return (
    <>
      {error != null && <ErrorBox error={error} />}
      <ScrollTable
        name={intl.formatMessage({ id: 'links.title' })}
        head={
          <Heads
            sort={props.sort}
            chosen={count === 0 ? false : count === directories.length || 'mixed'}
            choose={(isChosen) =>
              set(
                directories.map((one) => one.tenantId),
                isChosen,
              )
            }
          />
        }
      >
        {directories.map((one) => (
          <Row
            key={one.tenantId}
            directory={one}
            isChosen={chosen.has(one.tenantId)}
            choose={(isChosen) => set([one.tenantId], isChosen)}
            credited={props.credited?.[one.tenantId]}
            failed={setError}
          />
        ))}
      </ScrollTable>
    </>
  )
}

/** The first row, with the box that chooses all that are shown. */
function Heads(props: {
  sort: Sort
  chosen: boolean | 'mixed'
  choose: (isChosen: boolean) => void
}) {
  const intl = useIntl()
  return (
    <>
      <th scope="col" className={css.box}>
        <Checkbox
          checked={props.chosen}
          onChange={(_, { checked }) => props.choose(checked === true)}
          aria-label={intl.formatMessage({ id: 'links.chooseAll' })}
        />
      </th>
      {COLUMNS.map((column) => (
        <Head key={column} column={column} sort={props.sort} />
      ))}
      <th scope="col">
        <span className="hidden">
          <FormattedMessage id="links.column.action" />
        </span>
      </th>
    </>
  )
}

function Head({ column, sort }: { column: Column; sort: Sort }) {
  const isSorted = sort.column === column
  const icon = sort.isDown ? <ArrowSortDownRegular /> : <ArrowSortUpRegular />
  return (
    <th scope="col" aria-sort={isSorted ? (sort.isDown ? 'descending' : 'ascending') : undefined}>
      <Button
        appearance="transparent"
        className={css.head}
        icon={isSorted ? icon : undefined}
        iconPosition="after"
        onClick={() => sort.sortBy(column)}
      >
        <FormattedMessage id={`links.column.${column}` as 'links.column.directory'} />
      </Button>
    </th>
  )
}

interface RowProps {
  directory: OwnDirectory
  isChosen: boolean
  choose: (isChosen: boolean) => void
  credited: string | undefined
  failed: (error: unknown) => void
}

function Row({ directory, isChosen, choose, credited, failed }: RowProps) {
  const intl = useIntl()
  const name = directoryName(directory)
  const { link } = directory
  return (
    <tr>
      <td className={css.box}>
        <Checkbox
          checked={isChosen}
          onChange={(_, { checked }) => choose(checked === true)}
          aria-label={intl.formatMessage({ id: 'links.choose' }, { name })}
        />
      </td>
      <th scope="row">
        <span lang="">{name}</span>
        <Small>
          {directory.domain && `${directory.domain} · `}
          <span title={directory.tenantId}>{directory.tenantId.slice(0, 8)}</span>
        </Small>
      </th>
      <td>
        {directory.name ?? directory.objectId}
        <Small>
          <FormattedMessage id={`shell.how.${directory.how}` as 'shell.how.guest'} />
        </Small>
      </td>
      <td>
        {link ? (
          <>
            <span lang="">{link.partnerName ?? '–'}</span>
            <Small>{link.partnerId}</Small>
          </>
        ) : (
          <FormattedMessage id="shell.directories.notLinked" />
        )}
      </td>
      <td className={css.date}>
        {link ? <FormattedDate value={link.createdTime} dateStyle="medium" /> : '–'}
      </td>
      <td>
        <Access of={directory} />
      </td>
      <td>{credited ? <Month of={credited} /> : '–'}</td>
      <td>
        <Go to={directory} failed={failed} />
      </td>
    </tr>
  )
}

const Small = ({ children }: { children: ReactNode }) => <span className="small">{children}</span>

/** A month as the service writes it, `2026-10`. */
const Month = ({ of }: { of: string }) => (
  <FormattedDate value={`${of}-01`} year="numeric" month="short" timeZone="UTC" />
)

function Access({ of }: { of: OwnDirectory }) {
  const { role, subscriptions } = of.access
  if (!role) return <FormattedMessage id="links.access.no" />
  return (
    <>
      <FormattedMessage id="links.access.yes" />
      <Small>
        <FormattedMessage
          id={`links.access.${role}` as 'links.access.Owner'}
          values={{ count: subscriptions }}
        />
      </Small>
    </>
  )
}

/** The way to the link page there. */
function Go({ to, failed }: { to: OwnDirectory; failed: (error: unknown) => void }) {
  const intl = useIntl()
  const navigate = useNavigate()
  const { session, switchTo } = useSigned()
  const name = directoryName(to)
  const isHere = to.tenantId === session.account.tenantId
  const go = async () => {
    try {
      if (!isHere) {
        await switchTo(to.tenantId)
        notify(intl.formatMessage({ id: 'shell.switched' }, { name }))
      }
      await navigate({ to: '/link' })
    } catch (error) {
      failed(error)
    }
  }
  return (
    <Button
      size="small"
      onClick={go}
      aria-label={intl.formatMessage(
        { id: isHere ? 'links.open' : 'shell.directories.switchTo' },
        { name },
      )}
    >
      <FormattedMessage id={isHere ? 'links.openHere' : 'shell.directories.switch'} />
    </Button>
  )
}
