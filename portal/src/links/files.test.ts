import { describe, expect, it } from 'vitest'
import type { OwnDirectory } from '../api/client'
import { ApiError } from '../api/errors'
import { cell, csv, planCsv, planYaml } from './files'
import { planFor } from './plan'

const directory = (tenantName: string, domain: string | null, partnerId?: string) =>
  ({
    tenantId: `fab00000-0000-4000-8000-${tenantName.length.toString().padStart(12, '0')}`,
    tenantName,
    domain,
    objectId: 'ada',
    name: 'ada@contoso.example',
    link: partnerId ? { partnerId, version: 1 } : null,
    access: { subscriptions: 1, role: 'Owner' },
  }) as OwnDirectory

describe('a cell', () => {
  it.each([
    ['Fabrikam', 'Fabrikam'],
    ['=1+1', "'=1+1"],
    ['+31 30', "'+31 30"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\tx', "'\tx"],
    ['  =1', "'  =1"],
    ['\n=1', '"\'\n=1"'],
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
    ['=cmd,"x"', '"\'=cmd,""x"""'],
    ['a=b', 'a=b'],
    ['', ''],
  ])('%j becomes %j', (text, expected) => expect(cell(text)).toBe(expected))

  it('ends its row with a line feed', () => expect(csv([['a', 'b'], ['c']])).toBe('a,b\nc\n'))
})

describe('the plan as a table', () => {
  it('says what became of each line, and why not', () => {
    const steps = planFor(
      'link',
      [
        directory('=Fab', 'fab.example'),
        directory('Northwind', null, '2'),
        directory('Tailwind', null),
      ],
      '1',
    )
    const [fabrikam, , tailwind] = steps.map((one) => one.directory.tenantId)
    const error = new ApiError(503, 'Busy', 'Not now, please', null)
    const text = planCsv(steps, {
      [fabrikam as string]: { state: 'done' },
      [tailwind as string]: { state: 'failed', why: { kind: 'other', error } },
    })
    expect(text.split('\n')).toEqual([
      'directory,domain,tenant_id,account,action,from,to,result,reason',
      `'=Fab,fab.example,${fabrikam},ada@contoso.example,link,,1,done,`,
      `Northwind,,${steps[1]?.directory.tenantId},ada@contoso.example,cannot,2,1,,linkedElsewhere`,
      `Tailwind,,${tailwind},ada@contoso.example,link,,1,failed,"Not now, please"`,
      '',
    ])
  })
})

describe('the plan as YAML', () => {
  it('is the wanted state: linked, without what cannot be', () => {
    const chosen = [
      directory('Fabrikam', 'fabrikam.example'),
      directory('Northwind', 'northwind.example', '5127256'),
      directory('Tailwind', null, '5127255'),
    ]
    expect(planYaml(planFor('link', chosen, '5127255'))).toBe(
      'version: 1\npartner: 5127255\nlinks:\n' +
        '  - directory: fabrikam.example\n' +
        '  - directory: fab00000-0000-4000-8000-000000000008\n',
    )
  })

  it('names what is to be linked to nobody', () => {
    const chosen = [directory('Fabrikam', 'fabrikam.example', '1'), directory('N', 'n.example')]
    expect(planYaml(planFor('remove', chosen, ''))).toBe(
      'version: 1\nabsent:\n  - fabrikam.example\n  - n.example\n',
    )
  })

  it.each(['no', '1e5', 'a: b', '# x', 'x\ny', "it's", '1.5', '-'])('quotes %j', (domain) => {
    expect(planYaml(planFor('link', [directory('F', domain)], '007'))).toBe(
      `version: 1\npartner: "007"\nlinks:\n  - directory: ${JSON.stringify(domain)}\n`,
    )
  })
})
