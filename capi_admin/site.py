"""The back office: Django's admin in our clothes."""

from django.contrib.admin import AdminSite


class CapiAdminSite(AdminSite):
    """Users, groups and raw rows. What a marketer sees are pages of their own."""

    site_header = "CAPI Admin"
    site_title = "CAPI Admin"
    index_title = "Back office"
    site_url = "/"
