"""Importing the admin's pages registers them."""

import back_office.pages.channels.admin
import back_office.pages.channels.incidents
import back_office.pages.jobs.runs
import back_office.pages.jobs.schedules
import back_office.pages.notifications.admin
import back_office.pages.orders.admin
import back_office.pages.owners.admin
import back_office.pages.reports.admin
import back_office.pages.senders.admin
import back_office.pages.staff.admin
import back_office.pages.webhooks.admin  # noqa: F401
