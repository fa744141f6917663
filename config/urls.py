"""The addresses this system answers on."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from config.api.health import health, ready
from config.api.openapi import DescriptionView, SwaggerView
from config.api.triggers import trigger
from config.prometheus.view import metrics_page

API = "notifications/api/v1/"

urlpatterns: list[URLPattern | URLResolver] = [
    path(API, include("notifications.api.urls")),
    path(API, include("events.api.urls")),
    path(API, include("back_office.api.urls")),
    path(f"{API}trigger/<str:job>", trigger),
    path(API, include("dispatch.api.urls")),
    path("notifications/", include("dispatch.urls")),
    path("swagger/v1/swagger.json", DescriptionView.as_view(), name="description"),
    path("swagger/v1/swagger-3.0.json", DescriptionView.as_view(older=True)),
    path("swagger/", SwaggerView.as_view(url_name="description")),
    path("health", health),
    path("ready", ready),
    path("metrics", metrics_page),
    path("admin/i18n/", include("django.conf.urls.i18n")),
    path("admin/single-sign-on/", include("back_office.pages.staff.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "config.api.errors.bad_request"
handler403 = "config.api.errors.not_allowed"
handler404 = "config.api.errors.not_found"
handler500 = "config.api.errors.server_error"
