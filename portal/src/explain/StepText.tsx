import { FormattedMessage } from 'react-intl'
import { type Named, type Step, said } from './answer'
import { Name } from './words'

/** What a step says, in the reader's language; else as the service says it. */
export function StepText({ step, withIds }: { step: Step; withIds?: boolean }) {
  const found = said(step)
  const name = (of: Named) => (
    <>
      <Name of={of} />
      {withIds && of.name && (
        <>
          {' '}
          (<code>{of.id}</code>)
        </>
      )}
    </>
  )
  const scope = (id: string) =>
    id.startsWith('/') ? <code>{id}</code> : <span lang="en">{id}</span>
  switch (found.kind) {
    case 'grant':
      return (
        <>
          <FormattedMessage
            id={found.tenant ? 'explain.step.delegation' : 'explain.step.grant'}
            values={{
              holder: name(found.holder),
              role: <strong lang="en">{found.role}</strong>,
              level: <ClassName of={found.class} />,
              scope: scope(found.scope),
              tenant: <code>{found.tenant}</code>,
            }}
          />
          {found.isConditional && (
            <>
              {' '}
              <FormattedMessage id="explain.step.condition" />
            </>
          )}
        </>
      )
    case 'membership':
    case 'inGroup':
      return (
        <FormattedMessage
          id={`explain.step.${found.kind}` as 'explain.step.membership'}
          values={{ group: name(found.group), member: name(found.member) }}
        />
      )
    case 'identity':
      return (
        <FormattedMessage
          id="explain.step.identity"
          values={{ who: name(found.who), type: found.type }}
        />
      )
    case 'link':
      return (
        <FormattedMessage
          id="explain.step.link"
          values={{ who: name(found.who), partner: found.partner }}
        />
      )
    case 'partner':
      return (
        <FormattedMessage
          id="explain.step.partner"
          values={{ partner: found.partner, name: <span lang="">{found.name}</span> }}
        />
      )
    case 'other':
      return <span lang="en">{step.text}</span>
  }
}

/** `Owner`, `Contributor` or `Reader`: names of classes are those of Azure in every language. */
const ClassName = ({ of }: { of: string }) => <span lang="en">{of}</span>
