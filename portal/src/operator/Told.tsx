import { FormattedMessage, useIntl } from 'react-intl'
import type { AuditRecord, useNames, Who } from './data'
import { ACTIONS } from './search'

type Names = ReturnType<typeof useNames>

const STATES = ['counted', 'unchanged', 'refused', 'withdrawn']
const LEVELS = ['full', 'subscription', 'tenant-total', 'masked']

const word = (value: unknown) => (value == null || value === '' ? '–' : String(value))

/** What was asked for, as people write it. */
function decoded(query: string) {
  try {
    return decodeURIComponent(query)
  } catch {
    return query
  }
}

/** A record in words: who did what to whom. */
export function Told({ record, names }: { record: AuditRecord; names: Names }) {
  const intl = useIntl()
  if (!ACTIONS.some((action) => action === record.action)) return <code>{record.action}</code>
  const { actor, target } = record
  // Another text than ours was written there by other means.
  const detail = typeof record.detail === 'string' ? {} : record.detail
  const name = (who: Who | null) =>
    who
      ? intl.formatMessage(
          { id: 'operator.who' },
          { name: names.person(who), directory: names.directory(who.tenantId) },
        )
      : intl.formatMessage({ id: 'operator.machine' })
  const state = word(detail.state)
  const level = word(detail.level)
  return (
    <FormattedMessage
      id={`operator.told.${record.action}` as 'operator.told.link-update'}
      values={{
        actor: name(actor),
        target: name(target),
        isOwn: actor && actor.objectId === target?.objectId ? 'yes' : 'no',
        before: word(detail.partnerBefore),
        partner: word(detail.partner),
        directory: names.directory(word(detail.tenant)),
        level: LEVELS.includes(level)
          ? intl.formatMessage({ id: `directory.level.${level}` as 'directory.level.full' })
          : level,
        query: <code>{decoded(word(detail.query))}</code>,
        number: word(detail.number),
        added: Number(detail.added ?? 0),
        replaced: Number(detail.replaced ?? 0),
        ended: Number(detail.ended ?? 0),
        facts: Number(detail.facts ?? 0),
        state: STATES.includes(state)
          ? intl.formatMessage({ id: `operator.import.${state}` as 'operator.import.counted' })
          : state,
      }}
    />
  )
}
