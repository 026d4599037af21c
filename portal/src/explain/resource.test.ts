import { describe, expect, test } from 'vitest'
import { resourceOf } from './resource'

const SUBSCRIPTION = 'fab00000-5000-4000-8000-000000000001'
const ROOT = `/subscriptions/${SUBSCRIPTION}`
const GROUP = `${ROOT}/resourceGroups/rg-app`
const VM = `${GROUP}/providers/Microsoft.Compute/virtualMachines/vm-1`

const idOf = (text: string) => {
  const found = resourceOf(text)
  return typeof found === 'string' ? found : found.id
}

describe('what people paste', () => {
  test.each([
    [SUBSCRIPTION, ROOT],
    [` {${SUBSCRIPTION.toUpperCase()}}\n`, ROOT],
    [ROOT, ROOT],
    [`"${ROOT}/"`, ROOT],
    [`subscriptions/${SUBSCRIPTION}`, ROOT],
    [`\u200b ${GROUP}\u00a0`, GROUP],
    [`<${VM}>`, VM],
    [`https://portal.azure.com/#@contoso.example/resource${ROOT}/overview`, ROOT],
    [`https://portal.azure.com/#@contoso.example/resource${GROUP}/costanalysis`, GROUP],
    [`https://portal.azure.com/#@c0750000-0000-4000-8000-000000000000/resource${VM}/overview`, VM],
    [`https://portal.azure.com/?l=nl#resource${VM}/users`, VM],
    [
      `https://portal.azure.com/#view/Microsoft_Azure_CostManagement/Menu/~/costanalysis/scope/${encodeURIComponent(ROOT)}`,
      ROOT,
    ],
    [
      `https://portal.azure.com/#blade/HubsExtension/ResourceMenuBlade/id/${encodeURIComponent(encodeURIComponent(VM))}`,
      VM,
    ],
    [`https://management.azure.com${VM}?api-version=2024-03-01`, VM],
    [`az resource show --ids ${VM} --output json`, VM],
    [
      `${ROOT}/providers/Microsoft.Security/pricings/VirtualMachines`,
      `${ROOT}/providers/Microsoft.Security/pricings/VirtualMachines`,
    ],
    [
      `${VM}/providers/Microsoft.Insights/diagnosticSettings/logs`,
      `${VM}/providers/Microsoft.Insights/diagnosticSettings/logs`,
    ],
    [
      `${GROUP}/providers/Microsoft.Sql/servers/s/databases/d/overview`,
      `${GROUP}/providers/Microsoft.Sql/servers/s/databases/d`,
    ],
    [`/SUBSCRIPTIONS/${SUBSCRIPTION}/resourcegroups/rg-app`, GROUP],
  ])('%s', (text, id) => {
    expect(idOf(text)).toBe(id)
  })

  test.each([
    ['', 'empty'],
    [' \n', 'empty'],
    ['prod-01', 'shape'],
    ['/subscriptions/1234', 'shape'],
    [`https://portal.azure.com/#@contoso.example/blade/${'%'}`, 'shape'],
    ['/providers/Microsoft.Management/managementGroups/corp', 'managementGroup'],
  ])('%j is none: %s', (text, why) => {
    expect(idOf(text)).toBe(why)
  })

  test('its parts', () => {
    expect(resourceOf(SUBSCRIPTION)).toMatchObject({ kind: 'subscription', group: null })
    expect(resourceOf(GROUP)).toMatchObject({ kind: 'group', group: 'rg-app' })
    expect(resourceOf(VM)).toMatchObject({ kind: 'resource', subscription: SUBSCRIPTION })
  })
})
