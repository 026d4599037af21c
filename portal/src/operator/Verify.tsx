import { Button, MessageBarTitle } from '@fluentui/react-components'
import { useMutation } from '@tanstack/react-query'
import { FormattedDate, FormattedMessage, useIntl } from 'react-intl'
import { api } from '../api/client'
import { Bar } from '../parts/Bar'
import { ErrorBox } from '../parts/ErrorBox'
import { ScrollTable } from '../parts/ScrollTable'
import { Waiting } from '../parts/Waiting'
import { type AuditReport, type Checkpoint, useCheckpoints } from './data'
import { Hash } from './Hash'
import css from './Operator.module.css'

/** Whether anybody changed the past, and what that is measured by. */
export function Verify() {
  const checkpoints = useCheckpoints()
  const verify = useMutation({
    mutationFn: async () => (await api.POST('/api/v1/audit/verify')).data,
  })
  return (
    <>
      <p>
        <FormattedMessage
          id="operator.verify.text"
          values={{ code: (text) => <code>{text}</code> }}
        />
      </p>
      <Button appearance="primary" onClick={() => verify.isPending || verify.mutate()}>
        <FormattedMessage id={verify.isPending ? 'operator.verifying' : 'operator.verify'} />
      </Button>
      <div role="status" className={css.note}>
        {verify.data && <Found report={verify.data} />}
      </div>
      {verify.isError && <ErrorBox error={verify.error} />}
      <h3>
        <FormattedMessage id="operator.checkpoints" />
      </h3>
      <Waiting for={checkpoints} />
      {checkpoints.data && (
        <Checkpoints of={checkpoints.data.value} publicKey={checkpoints.data.publicKey} />
      )}
    </>
  )
}

function Found({ report }: { report: AuditReport }) {
  const { whole } = report
  const lines = [...report.findings, ...report.notes]
  return (
    <Bar intent={whole ? 'success' : 'error'}>
      <MessageBarTitle>
        <FormattedMessage id={whole ? 'operator.whole' : 'operator.notWhole'} />
      </MessageBarTitle>
      <FormattedMessage
        id="operator.verified"
        values={{
          records: report.records,
          checkpoints: report.checkpoints,
          links: report.links,
        }}
      />
      {lines.length > 0 && (
        <ul lang="en">
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </Bar>
  )
}

function Checkpoints({ of, publicKey }: { of: Checkpoint[]; publicKey: string }) {
  const intl = useIntl()
  const keyName = intl.formatMessage({ id: 'operator.publicKey' })
  return (
    <>
      <p className={css.key}>
        <FormattedMessage
          id="operator.publicKey.is"
          values={{ key: <Hash value={publicKey} of={keyName} /> }}
        />
      </p>
      {of.length > 0 && (
        <ScrollTable
          isNarrow
          name={intl.formatMessage({ id: 'operator.checkpoints' })}
          columns={['operator.column.number', 'operator.column.at', 'operator.column.hash']}
        >
          {of.map((one) => (
            <tr key={one.number}>
              <th scope="row">{one.number}</th>
              <td>
                <FormattedDate value={one.at} dateStyle="medium" timeStyle="medium" />
              </td>
              <td>
                <Hash
                  value={one.hash}
                  of={intl.formatMessage({ id: 'operator.checkpoint' }, { number: one.number })}
                />
              </td>
            </tr>
          ))}
        </ScrollTable>
      )}
    </>
  )
}
