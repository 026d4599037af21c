-- Coverage as intervals: join each charge to its set of partners, add up, multiply by the members last.
-- In: view usage; tables coverage, set_members.

WITH per_set AS (
    SELECT c.set_id, u.SubAccountId, u.x_ResourceGroupName, u.ServiceName, u.BillingCurrency,
           CAST(date_trunc('month', CAST(u.ChargePeriodStart AS DATE)) AS DATE) AS month,
           count(*) AS charges, sum(u.EffectiveCost) AS cost
    FROM usage u
    JOIN coverage c
      ON c.resource = coalesce(u.ResourceId,
                               u.SubAccountId || coalesce('/resourcegroups/' || u.x_ResourceGroupName, ''))
     AND CAST(u.ChargePeriodStart AS DATE) >= c.starts AND CAST(u.ChargePeriodStart AS DATE) < c.ends
    WHERE u.ChargeCategory = 'Usage' AND u.x_PublisherCategory = 'Cloud Provider'
      AND u.x_CostAllocationRuleName IS NULL
    GROUP BY ALL)
