"""Every route of the pages. The edge handles its own routes before Django."""

from django.contrib import admin
from django.contrib.auth import views as sign_in
from django.urls import include, path

from properties.views.password import OwnPasswordView

urlpatterns = [
    path("login/", sign_in.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", sign_in.LogoutView.as_view(), name="logout"),
    path("password/", OwnPasswordView.as_view(), name="password_change"),
    path("password/done/", sign_in.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("backoffice/", admin.site.urls),
    path("", include("rules.home.urls")),
    path("", include("rules.documents.urls")),
    path("", include("rules.quick_start.urls")),
    path("", include("properties.urls")),
    path("p/<str:uid>/", include("rules.urls")),
]
