-- Facts to credit per scope: on which scope, in which customer, which partner, when.
-- In: variable `facts` (path), table role(role, pec). Out: scope_credit. Days, half-open.

CREATE TEMP TABLE fact AS
SELECT * EXCLUDE ("from", "to"),
       coalesce(CAST(left("from", 10) AS DATE), DATE '0001-01-01') AS starts,
       coalesce(CAST(left("to", 10) AS DATE), DATE '9999-12-31') AS ends
FROM read_json(getvariable('facts'), format = 'newline_delimited', columns = {
    kind: 'VARCHAR', "from": 'VARCHAR', "to": 'VARCHAR', partner: 'VARCHAR', tenant: 'VARCHAR',
    object: 'VARCHAR', type: 'VARCHAR', enabled: 'BOOLEAN', "group": 'VARCHAR', member: 'VARCHAR',
    name: 'VARCHAR', parent: 'VARCHAR', subscription: 'VARCHAR', managementGroup: 'VARCHAR',
    principal: 'VARCHAR', role: 'VARCHAR', scope: 'VARCHAR', eligible: 'BOOLEAN', managingTenant: 'VARCHAR',
    authorizations: 'STRUCT(principal VARCHAR, role VARCHAR, eligible BOOLEAN)[]'});

-- Linked identities that exist and are enabled, while their partner is active.
CREATE TEMP TABLE credited_identity AS
SELECT l.tenant, l.object, l.partner,
       greatest(l.starts, i.starts, p.starts) AS starts, least(l.ends, i.ends, p.ends) AS ends
FROM fact l
JOIN fact i ON i.kind = 'principal' AND i.tenant = l.tenant AND i.object = l.object
           AND i.type <> 'Group' AND coalesce(i.enabled, true)
JOIN fact p ON p.kind = 'partner' AND p.partner = l.partner
WHERE l.kind = 'link' AND greatest(l.starts, i.starts, p.starts) < least(l.ends, i.ends, p.ends);

-- Memberships, while the containing group exists.
CREATE TEMP TABLE inside AS
SELECT m.tenant, m."group" AS outer_group, m.member,
       greatest(m.starts, g.starts) AS starts, least(m.ends, g.ends) AS ends
FROM fact m
JOIN fact g ON g.kind = 'principal' AND g.type = 'Group' AND g.tenant = m.tenant AND g.object = m."group"
WHERE m.kind = 'membership' AND greatest(m.starts, g.starts) < least(m.ends, g.ends);

-- Groups to all groups inside them, over any number of steps. UNION ends the circles.
CREATE TEMP TABLE nested AS
WITH RECURSIVE step(tenant, outer_group, member, starts, ends) AS (
    SELECT i.* FROM inside i SEMI JOIN inside g ON g.tenant = i.tenant AND g.outer_group = i.member
    UNION
    SELECT s.tenant, s.outer_group, i.member, greatest(s.starts, i.starts), least(s.ends, i.ends)
    FROM step s
    JOIN inside i ON i.tenant = s.tenant AND i.outer_group = s.member
    SEMI JOIN inside g ON g.tenant = i.tenant AND g.outer_group = i.member
    WHERE greatest(s.starts, i.starts) < least(s.ends, i.ends))
SELECT * FROM step;

-- Every principal, person or group, that credits a partner.
CREATE TEMP TABLE credited AS
WITH member_credit AS (
    SELECT i.tenant, i.outer_group AS object, c.partner,
           greatest(i.starts, c.starts) AS starts, least(i.ends, c.ends) AS ends
    FROM inside i JOIN credited_identity c ON c.tenant = i.tenant AND c.object = i.member
    WHERE greatest(i.starts, c.starts) < least(i.ends, c.ends))
SELECT * FROM credited_identity
UNION
SELECT * FROM member_credit
UNION
SELECT n.tenant, n.outer_group, c.partner, greatest(n.starts, c.starts), least(n.ends, c.ends)
FROM nested n JOIN member_credit c ON c.tenant = n.tenant AND c.object = n.member
WHERE greatest(n.starts, c.starts) < least(n.ends, c.ends);

-- Role assignments and delegations that hold, not merely could. `home` is where their principal lives.
CREATE TEMP TABLE held AS
SELECT tenant, tenant AS home, principal, role, lower(scope) AS scope, starts, ends
FROM fact WHERE kind = 'roleAssignment' AND NOT coalesce(eligible, false)
UNION ALL
SELECT tenant, managingTenant, entry.principal, entry.role, lower(scope), starts, ends
FROM (SELECT *, unnest(authorizations) AS entry FROM fact WHERE kind = 'delegation')
WHERE NOT coalesce(entry.eligible, false);

CREATE TEMP TABLE granted AS
SELECT DISTINCT h.tenant, h.scope, c.partner, r.pec,
       greatest(h.starts, c.starts) AS starts, least(h.ends, c.ends) AS ends
FROM held h
JOIN credited c ON c.tenant = h.home AND c.object = h.principal
JOIN role r USING (role)
WHERE greatest(h.starts, c.starts) < least(h.ends, c.ends);

-- Where each subscription is: its tenant, and every scope above it, in time.
CREATE TEMP TABLE stay AS
SELECT subscription, tenant, coalesce(managementGroup, tenant) AS name, starts, ends
FROM fact WHERE kind = 'subscription';

CREATE TEMP TABLE above AS
WITH RECURSIVE up(subscription, tenant, name, starts, ends) AS (
    SELECT * FROM stay
    UNION
    SELECT u.subscription, u.tenant, coalesce(g.parent, g.tenant),
           greatest(u.starts, g.starts), least(u.ends, g.ends)
    FROM up u JOIN fact g ON g.kind = 'managementGroup' AND g.tenant = u.tenant AND g.name = u.name
    WHERE greatest(u.starts, g.starts) < least(u.ends, g.ends))
SELECT subscription, tenant, '/providers/microsoft.management/managementgroups/' || lower(name) AS scope,
       starts, ends
FROM up
UNION ALL
SELECT subscription, tenant, '/', starts, ends FROM stay;

-- Pull what holds above a subscription down to it, and keep the rest while the tenants agree.
CREATE TEMP TABLE scope_credit AS
WITH placed AS (
    SELECT g.*, split_part(g.scope, '/', 3) AS subscription FROM granted g WHERE g.scope LIKE '/subscriptions/%'),
together AS (
    SELECT p.scope, p.tenant, p.partner, p.pec,
           greatest(p.starts, s.starts) AS starts, least(p.ends, s.ends) AS ends
    FROM placed p JOIN stay s ON s.subscription = p.subscription AND s.tenant = p.tenant
    UNION ALL
    SELECT '/subscriptions/' || a.subscription, a.tenant, g.partner, g.pec,
           greatest(g.starts, a.starts), least(g.ends, a.ends)
    FROM granted g JOIN above a ON a.tenant = g.tenant AND a.scope = g.scope),
-- Join what overlaps or touches: islands of time.
marked AS (
    SELECT *, starts > max(ends) OVER (PARTITION BY scope, tenant, partner, pec ORDER BY starts, ends
              ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS gap
    FROM together WHERE starts < ends),
islands AS (
    SELECT *, count(*) FILTER (gap) OVER (PARTITION BY scope, tenant, partner, pec ORDER BY starts, ends
              ROWS UNBOUNDED PRECEDING) AS island
    FROM marked)
SELECT scope, tenant, partner, pec, min(starts) AS starts, max(ends) AS ends
FROM islands GROUP BY scope, tenant, partner, pec, island;
