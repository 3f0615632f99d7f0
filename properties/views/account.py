"""A person's account, with the height of rows and the single-letter keys; and the help page."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from properties.resources.shop_links import shop_url

from .access import came_from, signed_in_page
from .choices import choice, keep_choice
from .help_pages import help_pages
from .notices import say
from .shortcut_keys import KEYS

DENSITIES = (("compact", "Compact, rows of 36 px"), ("comfortable", "Comfortable, rows of 44 px"))


class AccountForm(forms.Form):
    """What a person chose for every page."""

    density = forms.ChoiceField(label="Rows", choices=DENSITIES, widget=forms.RadioSelect)
    letter_keys = forms.BooleanField(label="Single letters are shortcuts", required=False)


@signed_in_page
def account(request: HttpRequest) -> HttpResponse:
    came_from(request)
    now = {
        "density": choice(request, "density") or "compact",
        "letter_keys": choice(request, "letter_keys") is not False,
    }
    form = AccountForm(request.POST or None, initial=now)
    if form.is_valid():
        for name, value in form.cleaned_data.items():
            keep_choice(request, name, value)
        say(request, "Saved how pages look for you.")
        return redirect(request.get_full_path())
    return render(request, "properties/account.html", {"form": form})


@signed_in_page
def keys_help(request: HttpRequest) -> HttpResponse:
    """Show the keys, as a page or as the content of the dialog."""
    came_from(request)
    part = "HX-Request" in request.headers
    context = {"keys": KEYS, "shop_url": shop_url(), "help_pages": help_pages()}
    return render(request, "capi/keys_list.html" if part else "properties/help.html", context)
