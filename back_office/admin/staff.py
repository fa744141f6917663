"""Staff: accounts, groups, and the trail of what they did."""

from django.contrib import admin

from back_office.admin.base import ReadOnlyAdmin
from back_office.models import StaffAction


@admin.register(StaffAction)
class StaffActionAdmin(ReadOnlyAdmin):
    list_display = ("when", "staff_name", "what", "subject_type", "subject_id", "reason")
