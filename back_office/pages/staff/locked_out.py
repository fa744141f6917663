"""What somebody is told whose log-in has failed too often."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

TOO_MANY_REQUESTS = 429


def locked_out(
    request: HttpRequest, response: HttpResponse | None, credentials: object
) -> HttpResponse:
    """In place of the log-in page (django-axes's AXES_LOCKOUT_CALLABLE)."""
    return render(
        request,
        "admin/locked_out.html",
        admin.site.each_context(request),
        status=TOO_MANY_REQUESTS,
    )
