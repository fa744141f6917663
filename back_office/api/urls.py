"""The addresses of the support dashboard's API, below `/notifications/api/v1/`."""

from django.urls import path

from back_office.api import look_ups

BASE = "future/dashboard/recipients/notifications/"

urlpatterns = [
    path(f"{BASE}nin", look_ups.ByNationalIdentityNumber.as_view()),
    path(f"{BASE}orgnumber", look_ups.ByOrganizationNumber.as_view()),
    path(f"{BASE}email", look_ups.ByEmailAddress.as_view()),
    path(f"{BASE}phonenumber", look_ups.ByPhoneNumber.as_view()),
    path(f"{BASE}shipmentid", look_ups.ByShipment.as_view()),
]
