"""Addresses of the page about customer data, below a property."""

from django.urls import path

from . import views

urlpatterns = [path("customer-data/", views.customer_data, name="customer_data")]
