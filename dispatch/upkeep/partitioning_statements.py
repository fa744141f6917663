"""What partitioning tells PostgreSQL; see `partitioning`."""

SIZE = """
SELECT sum(greatest(0, reltuples))::bigint, sum(pg_total_relation_size(oid))::bigint
FROM pg_class
WHERE relkind = 'r' AND oid IN (
    SELECT 'notifications_notification'::regclass
    UNION
    SELECT inhrelid FROM pg_inherits WHERE inhparent = 'notifications_notification'::regclass
)
"""

IN_THE_WAY = """
SELECT
    pg_has_role(relowner, 'USAGE'),
    (SELECT string_agg(tgname, ', ') FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal),
    (
        SELECT string_agg(DISTINCT r.ev_class::regclass::text, ', ')
        FROM pg_depend d JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
        WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid
    )
FROM pg_class c WHERE c.oid = 'notifications_notification'::regclass
"""

PROMISED = """
SELECT pg_get_constraintdef(oid), convalidated FROM pg_constraint
WHERE conrelid = 'notifications_notification'::regclass AND conname = 'notification_first_month'
"""

PROMISE = """
ALTER TABLE notifications_notification
    ADD CONSTRAINT notification_first_month CHECK (id < '{end}') NOT VALID
"""

VALIDATE = "ALTER TABLE notifications_notification VALIDATE CONSTRAINT notification_first_month"

TAKE_BACK = "ALTER TABLE notifications_notification DROP CONSTRAINT notification_first_month"

LOCK = "LOCK TABLE notifications_notification, dispatch_attempt IN ACCESS EXCLUSIVE MODE"

OWNER = """
SELECT quote_ident(pg_get_userbyid(relowner)) FROM pg_class
WHERE oid = 'notifications_notification'::regclass
"""

# The primary key comes as a constraint; all others as they were made.
INDEXES = """
SELECT
    quote_ident(i.relname),
    CASE WHEN indisprimary
        THEN format('ALTER TABLE notifications_notification ADD CONSTRAINT %%I PRIMARY KEY (id)',
            i.relname)
        ELSE pg_get_indexdef(indexrelid)
    END
FROM pg_index JOIN pg_class i ON i.oid = indexrelid
WHERE indrelid = 'notifications_notification'::regclass
ORDER BY i.relname
"""

GRANTS = """
SELECT format('GRANT %%s ON notifications_notification TO %%s', a.privilege_type,
    CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END)
FROM pg_class c, aclexplode(c.relacl) a
WHERE c.oid = 'notifications_notification'::regclass AND a.grantee <> c.relowner
"""

# Of this table to itself, and of the attempts to it.
DROP_REFERENCES = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname)
FROM pg_constraint
WHERE contype = 'f' AND confrelid = 'notifications_notification'::regclass
"""

# Its constraints have the names that those of the first partition have: else it could not be one.
CREATE = """
CREATE TABLE notifications_notification (LIKE {old} INCLUDING ALL EXCLUDING INDEXES)
    PARTITION BY RANGE (id);
ALTER TABLE notifications_notification DROP CONSTRAINT notification_first_month
"""

ATTACH = """
ALTER TABLE notifications_notification
    ATTACH PARTITION {old} FOR VALUES FROM (MINVALUE) TO ('{end}')
"""

INDEXES_OF = "SELECT count(*) FROM pg_index WHERE indrelid = %(table)s::regclass"
