-- Credit per scope to coverage per resource. In: view usage, table scope_credit.
-- Out: resource_class, class_day, set_members; the same tables that resolve.py writes.

-- Each distinct start of a scope chain, as the files spell it.
CREATE TEMP TABLE chain_start AS
SELECT DISTINCT coalesce(ResourceId, SubAccountId || coalesce('/resourcegroups/' || x_ResourceGroupName, ''))
       AS resource
FROM usage
WHERE ChargeCategory = 'Usage' AND x_PublisherCategory = 'Cloud Provider' AND x_CostAllocationRuleName IS NULL
  AND coalesce(ResourceId, SubAccountId) IS NOT NULL;

-- Resources that meet the same credited scopes are one class. Cutting at every segment gives all ancestors;
-- what is cut after "providers" or a namespace is no scope and finds nothing.
CREATE TEMP TABLE credited_scope AS
SELECT scope, CAST(row_number() OVER (ORDER BY scope) AS INTEGER) AS scope_id
FROM (SELECT DISTINCT scope FROM scope_credit);

CREATE TEMP TABLE scopes_met AS
WITH ancestor AS (
    SELECT resource, unnest([array_to_string(parts[1:n], '/') FOR n IN range(3, len(parts) + 1)]) AS scope
    FROM (SELECT resource, string_split(lower(resource), '/') AS parts FROM chain_start))
SELECT resource, list(scope_id ORDER BY scope_id) AS scopes, min(split_part(scope, '/', 3)) AS subscription
FROM ancestor JOIN credited_scope USING (scope) GROUP BY resource;

CREATE TEMP TABLE class AS
SELECT CAST(row_number() OVER () AS INTEGER) AS class_id, scopes, subscription
FROM (SELECT DISTINCT scopes, subscription FROM scopes_met);

CREATE TEMP TABLE resource_class AS
SELECT resource, class_id FROM scopes_met JOIN class USING (scopes, subscription);

-- Cut each class at every border of what it holds; name who is credited between two borders.
CREATE TEMP TABLE class_credit AS
SELECT class_id, tenant, partner, pec, starts, ends
FROM (SELECT class_id, unnest(scopes) AS scope_id FROM class)
JOIN credited_scope USING (scope_id)
JOIN scope_credit USING (scope);

CREATE TEMP TABLE class_part AS
WITH border AS (
    SELECT class_id, starts AS moment FROM class_credit UNION SELECT class_id, ends FROM class_credit),
part AS (
    SELECT class_id, moment AS starts, lead(moment) OVER (PARTITION BY class_id ORDER BY moment) AS ends FROM border),
held AS (
    SELECT p.class_id, p.starts, p.ends, c.tenant, c.partner, max(c.pec) AS pec
    FROM part p JOIN class_credit c ON c.class_id = p.class_id AND c.starts <= p.starts AND c.ends >= p.ends
    GROUP BY ALL)
SELECT class_id, starts, ends, tenant, subscription,
       string_agg(partner || ':' || pec, ',' ORDER BY partner) AS members
FROM held JOIN class USING (class_id) GROUP BY ALL;

CREATE TEMP TABLE credit_set AS
SELECT CAST(row_number() OVER () AS INTEGER) AS set_id, *
FROM (SELECT DISTINCT tenant, subscription, members FROM class_part);

CREATE TEMP TABLE class_day AS
WITH span AS (
    SELECT CAST(min(ChargePeriodStart) AS DATE) AS first, CAST(max(ChargePeriodStart) AS DATE) AS last FROM usage),
day AS (SELECT CAST(unnest(generate_series(first, last, INTERVAL 1 DAY)) AS DATE) AS day FROM span)
SELECT class_id, day, set_id
FROM class_part
JOIN credit_set USING (tenant, subscription, members)
JOIN day ON day >= starts AND day < ends;

CREATE TEMP TABLE set_members AS
SELECT set_id, tenant AS customer_tenant_id, subscription AS subscription_id,
       split_part(member, ':', 1) AS partner_id, CAST(split_part(member, ':', 2) AS INTEGER) AS pec_eligible
FROM (SELECT *, unnest(string_split(members, ',')) AS member FROM credit_set);
