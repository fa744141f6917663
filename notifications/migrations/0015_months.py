"""What the processes may do to the months of notifications, where an operator has partitioned them.

They own no table (deploy/roles.sql), so that these functions do it for them, with the rights of
whoever migrates, and nothing else. Nobody may call them until that role lets them.
"""

from django.db import migrations

# The same as runtime.uuid7.lowest_at.
LOWEST_AT = """
CREATE FUNCTION notifications_lowest_at(first date) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp
AS $function$
    SELECT (
        lpad(to_hex((extract(epoch FROM first::timestamp) * 1000)::bigint), 12, '0')
        || '70008000000000000000'
    )::uuid
$function$
"""

# Attaching locks no reader or writer out. The settings of autovacuum are each table's own.
ADD = """
CREATE FUNCTION notifications_add_month(first date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $function$
DECLARE
    month text := 'notifications_notification_' || to_char(first, 'YYYY_MM');
    settings text := (
        SELECT string_agg(setting, ', ')
        FROM (
            SELECT inhrelid FROM pg_inherits
            WHERE inhparent = 'public.notifications_notification'::regclass
            ORDER BY inhrelid DESC LIMIT 1
        ) AS latest
        JOIN pg_class ON oid = inhrelid
        CROSS JOIN unnest(reloptions) AS setting
    );
BEGIN
    IF first <> date_trunc('month', first) OR first > current_date + 400 THEN
        RAISE EXCEPTION '% begins no month that may be made now', first;
    END IF;
    EXECUTE format(
        'CREATE TABLE public.%I (LIKE public.notifications_notification INCLUDING ALL) %s',
        month, 'WITH (' || settings || ')'
    );
    EXECUTE format(
        'ALTER TABLE public.notifications_notification ATTACH PARTITION public.%I'
        ' FOR VALUES FROM (%L) TO (%L)',
        month, notifications_lowest_at(first),
        notifications_lowest_at((first + interval '1 month')::date)
    );
END
$function$
"""

# Called twice: the first call has the promise hold from now on, the second has it believed of what
# was there, which reads the month once and locks nobody out.
SEAL = """
CREATE FUNCTION notifications_seal_month(month text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $function$
DECLARE
    partition regclass := (
        SELECT inhrelid FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = 'public.notifications_notification'::regclass AND relname = month
    );
    is_open boolean;
BEGIN
    IF EXISTS (
        SELECT FROM pg_constraint
        WHERE conrelid = partition AND conname = 'notification_month_is_over'
    ) THEN
        EXECUTE format(
            'ALTER TABLE %s VALIDATE CONSTRAINT notification_month_is_over', partition
        );
        RETURN;
    END IF;
    EXECUTE format(
        'ALTER TABLE %s ADD CONSTRAINT notification_month_is_over'
        ' CHECK (finished_at IS NOT NULL AND status <> ''New'' AND status <> ''Sending'') NOT VALID',
        partition
    );
    -- Nobody else writes to the month until this transaction ends.
    EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE finished_at IS NULL)', partition)
        INTO is_open;
    IF is_open THEN
        RAISE EXCEPTION '% has open notifications', month;
    END IF;
END
$function$
"""

# Only what is sealed, and thereby over.
DETACH = """
CREATE FUNCTION notifications_detach_month(month text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_inherits
        JOIN pg_class ON pg_class.oid = inhrelid
        JOIN pg_constraint ON conrelid = inhrelid
        WHERE inhparent = 'public.notifications_notification'::regclass AND relname = month
            AND conname = 'notification_month_is_over' AND convalidated
    ) THEN
        RAISE EXCEPTION '% is no month that is over', month;
    END IF;
    EXECUTE format(
        'ALTER TABLE public.notifications_notification DETACH PARTITION public.%I', month
    );
END
$function$
"""
FUNCTIONS = (
    (LOWEST_AT, "notifications_lowest_at(date)"),
    (ADD, "notifications_add_month(date)"),
    (SEAL, "notifications_seal_month(text)"),
    (DETACH, "notifications_detach_month(text)"),
)


class Migration(migrations.Migration):
    dependencies = [("notifications", "0014_gateways")]

    operations = [
        migrations.RunSQL(
            [made, f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC"],
            f"DROP FUNCTION {signature}",
        )
        for made, signature in FUNCTIONS
    ]
