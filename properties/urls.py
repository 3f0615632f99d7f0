"""Routes of the pages of a property."""

from django.urls import include, path

from .views import (
    account,
    audit,
    connection,
    data_elements,
    drafts,
    element_batches,
    element_editor,
    element_named,
    element_revisions,
    environments,
    extensions,
    help_pages,
    people,
    people_everywhere,
    property_settings,
    restore,
    secrets,
    sessions,
    tag_environments,
    vendor_connect,
    vendor_status,
)
from .views.access import for_event_forwarding
from .views.form_rows import form_row
from .views.property_list import property_list, property_new
from .views.search import search

app_name = "properties"

_property = [
    path("extensions/", extensions.extensions, name="extensions"),
    path("extensions/catalog/", extensions.catalog, name="catalog"),
    path("extensions/catalog/<str:package_name>/", extensions.extension_install, name="extension_install"),
    path("extensions/catalog/<str:package_name>/test/", connection.connection_test, name="connection_test"),
    path(
        "extensions/catalog/<str:package_name>/connect/", vendor_connect.connect_start, name="connect_start"
    ),
    path(
        "extensions/catalog/<str:package_name>/status/", vendor_status.connection_read, name="connection_read"
    ),
    path("extensions/catalog/<str:package_name>/disconnect/", vendor_status.disconnect, name="disconnect"),
    path("extensions/<str:extension_uid>/", extensions.extension_edit, name="extension_edit"),
    path("extensions/<str:extension_uid>/toggle/", extensions.extension_toggle, name="extension_toggle"),
    path(
        "extensions/<str:extension_uid>/uninstall/",
        extensions.extension_uninstall,
        name="extension_uninstall",
    ),
    path("form-row/<str:delegate>/<str:path>/<int:number>/", form_row, name="form_row"),
    path("data-elements/", data_elements.data_elements, name="data_elements"),
    path("data-elements/new/", element_editor.data_element_new, name="data_element_new"),
    path("data-elements/named/", element_named.data_element_named, name="data_element_named"),
    path("data-elements/create/", element_batches.data_elements_create, name="data_elements_create"),
    path("data-elements/delete/", element_batches.data_elements_delete, name="data_elements_delete"),
    path("data-elements/copy/", element_batches.data_elements_copy, name="data_elements_copy"),
    path(
        "data-elements/undo/<int:first>/<int:last>/",
        element_batches.data_elements_undo,
        name="data_elements_undo",
    ),
    path("data-elements/<str:element_uid>/", element_editor.data_element_edit, name="data_element_edit"),
    path(
        "data-elements/<str:element_uid>/revisions/",
        element_revisions.data_element_revisions,
        name="data_element_revisions",
    ),
    path(
        "data-elements/<str:element_uid>/revisions/<int:number>/restore/",
        element_revisions.data_element_revert,
        name="data_element_revert",
    ),
    path(
        "data-elements/<str:element_uid>/delete/",
        data_elements.data_element_delete,
        name="data_element_delete",
    ),
    path("environments/", environments.environments, name="environments"),
    path("environments/<str:environment_uid>/caching/", tag_environments.caching_edit, name="caching_edit"),
    path("settings/", property_settings.property_settings, name="property_settings"),
    path("settings/delete/", property_settings.property_delete, name="property_delete"),
    path("settings/people/", people.people, name="people"),
    path("settings/people/<int:member_id>/remove/", people.person_remove, name="person_remove"),
    path("settings/audit/", audit.audit_log, name="audit_log"),
    path("settings/audit/export/", audit.audit_export, name="audit_export"),
    path("restore/<int:revision_id>/", restore.restore, name="restore"),
]
_event_forwarding = [
    path("data-elements/usual/", data_elements.data_elements_usual, name="data_elements_usual"),
    path("environments/<str:environment_uid>/", environments.environment, name="environment"),
    path(
        "environments/<str:environment_uid>/datastream/", environments.datastream_edit, name="datastream_edit"
    ),
    path(
        "environments/<str:environment_uid>/datastream/keys/new/",
        environments.datastream_key_new,
        name="datastream_key_new",
    ),
    path(
        "environments/<str:environment_uid>/datastream/keys/remove/",
        environments.datastream_key_remove,
        name="datastream_key_remove",
    ),
    path("secrets/", secrets.secrets, name="secrets"),
    path("secrets/new/", secrets.secret_new, name="secret_new"),
    path("secrets/<str:secret_uid>/", secrets.secret_edit, name="secret_edit"),
    path("secrets/<str:secret_uid>/retry/", secrets.secret_retry, name="secret_retry"),
    path("secrets/<str:secret_uid>/test/", secrets.secret_test, name="secret_test"),
    path("secrets/<str:secret_uid>/delete/", secrets.secret_delete, name="secret_delete"),
]

urlpatterns = [
    path("properties/", property_list, name="property_list"),
    path("search/", search, name="search"),
    path("help/", account.keys_help, name="help"),
    path("help/<path:name>/", help_pages.help_page, name="help_page"),
    path("account/", account.account, name="account"),
    path("account/sessions/", sessions.sessions, name="sessions"),
    path("account/sessions/end-others/", sessions.sessions_end_others, name="sessions_end_others"),
    path("account/sessions/<int:session_id>/end/", sessions.session_end, name="session_end"),
    path("people/", people_everywhere.people_everywhere, name="people_everywhere"),
    path("people/<int:user_id>/switch/", people_everywhere.person_switch, name="person_switch"),
    path("audit/", audit.audit_everywhere, name="audit_everywhere"),
    path("audit/export/", audit.audit_everywhere_export, name="audit_everywhere_export"),
    path("p/new/", property_new, name="property_new"),
    path("drafts/", drafts.draft_keep, name="draft_keep"),
    path("drafts/<str:key>/forget/", drafts.draft_forget, name="draft_forget"),
    path("connect/<slug:slug>/return/", vendor_connect.connect_return, name="connect_return"),
    path("connect/over/", vendor_connect.connect_over, name="connect_over"),
    path("connect/choice/<slug:key>/", vendor_connect.connect_choice, name="connect_choice"),
    path("p/<str:uid>/", include(for_event_forwarding(_event_forwarding))),
    path("p/<str:uid>/", include(_property)),
]
