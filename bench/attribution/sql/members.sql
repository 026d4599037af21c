-- The second half of given.sql and classes.sql: per_set times the members of each set is the report.

SELECT strftime(p.month, '%Y-%m') AS month, m.partner_id, m.customer_tenant_id,
       coalesce(split_part(p.SubAccountId, '/', 3), m.subscription_id) AS subscription_id,
       lower(p.x_ResourceGroupName) AS resource_group, p.ServiceName AS service_name, m.pec_eligible,
       p.BillingCurrency AS currency,
       CAST(sum(p.charges) AS BIGINT) AS charges,
       CAST(sum(p.cost) AS DECIMAL(38, 10)) AS cost, CAST(sum(p.cost) AS DECIMAL(38, 10)) AS credited_cost
FROM per_set p JOIN set_members m USING (set_id)
GROUP BY ALL
