"""Registers the orders app with Django."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "orders"
