-- What the role of the processes may do: use every table, own none, and of what is only ever added
-- to change nothing. Run by the owner of the tables, in the database, after `migrate` of a new version.
GRANT USAGE ON SCHEMA public TO notifications_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO notifications_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO notifications_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO notifications_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO notifications_app;
-- After a restore the feed goes on above the numbers that were lost.
GRANT UPDATE ON SEQUENCE notifications_statusfeedentry_sequence_number_seq TO notifications_app;

-- The audit log, and the history of settings and pauses.
REVOKE UPDATE, DELETE ON back_office_staffaction, back_office_actionsubject,
    back_office_actionoutcome, orders_creatorevent, dispatch_channelpauseevent
    FROM notifications_app;
-- Who has seen what: goes when its time is over, and does not change before.
REVOKE UPDATE ON back_office_viewing, back_office_personseen FROM notifications_app;
-- Who made a change, and why, is completed while the change is made.
REVOKE DELETE ON pghistory_context FROM notifications_app;
-- Migrations are the owner's.
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM notifications_app;
-- Where notifications are partitioned by month the maintenance job makes, seals and detaches months.
GRANT EXECUTE ON FUNCTION notifications_lowest_at(date), notifications_add_month(date),
    notifications_seal_month(text), notifications_detach_month(text) TO notifications_app;
