import type { Column } from './reports'

/** The columns by which each figure is made: the service adds up, never the page. */
const of = <const Columns extends readonly Column[]>(...columns: Columns) => columns

const CUSTOMER = of('customer_tenant_id', 'customer_tenant_name')
const SUBSCRIPTION = of('subscription_id', 'subscription_name')

export const TOTALS = of('currency')
export const TREND = of('month', 'currency')
export const CATEGORIES = of('service_category', 'currency')
export const BY_CUSTOMER = of(...CUSTOMER, 'currency')
export const CUSTOMER_ROLES = of('customer_tenant_id', 'currency', 'admin_type', 'pec_eligible')
export const BY_SUBSCRIPTION = of(...SUBSCRIPTION, ...CUSTOMER, 'currency')
export const SUBSCRIPTION_ROLES = of(
  'subscription_id',
  'customer_tenant_id',
  'currency',
  'admin_type',
  'pec_eligible',
)
/** In which month and by which location a subscription can be explained. */
export const SUBSCRIPTION_PLACES = of('subscription_id', 'month', 'partner_id')
export const BY_SERVICE = of('month', 'service_category', 'service_name', 'currency')
export const BY_GROUP = of(
  'month',
  'service_category',
  'service_name',
  ...CUSTOMER,
  'subscription_name',
  'resource_group',
  'currency',
)
