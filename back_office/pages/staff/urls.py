"""Where single sign-on begins, and where the identity provider sends people back to."""

from django.urls import path

from back_office.pages.staff.single_sign_on import Begin, Callback

urlpatterns = [
    path("", Begin.as_view(), name="single_sign_on"),
    path("callback/", Callback.as_view(), name="single_sign_on_callback"),
]
