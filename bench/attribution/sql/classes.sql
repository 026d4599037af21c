-- Coverage as classes and days: add up per class and day first, which is fewer rows, then look up the set.
-- In: view usage; tables resource_class, class_day, set_members.

WITH per_class AS (
    SELECT c.class_id, u.ChargePeriodStart, u.SubAccountId, u.x_ResourceGroupName, u.ServiceName,
           u.BillingCurrency, count(*) AS charges, sum(u.EffectiveCost) AS cost
    FROM usage u
    JOIN resource_class c
      ON c.resource = coalesce(u.ResourceId,
                               u.SubAccountId || coalesce('/resourcegroups/' || u.x_ResourceGroupName, ''))
    WHERE u.ChargeCategory = 'Usage' AND u.x_PublisherCategory = 'Cloud Provider'
      AND u.x_CostAllocationRuleName IS NULL
    GROUP BY ALL),
per_set AS (
    SELECT d.set_id, p.SubAccountId, p.x_ResourceGroupName, p.ServiceName, p.BillingCurrency,
           CAST(date_trunc('month', d.day) AS DATE) AS month, sum(p.charges) AS charges, sum(p.cost) AS cost
    FROM per_class p JOIN class_day d ON d.class_id = p.class_id AND d.day = CAST(p.ChargePeriodStart AS DATE)
    GROUP BY ALL)
