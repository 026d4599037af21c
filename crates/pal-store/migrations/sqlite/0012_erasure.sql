-- Finds the records that say that a person was erased (`person-erase`, 12).
CREATE INDEX audit_erasure ON audit (target_tenant, target_object) WHERE action = 12;
