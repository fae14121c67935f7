"""The form of a hashtag group."""

from django import forms
from django.utils.translation import gettext, gettext_lazy

from publishing.hashtags import check_hashtags, split_hashtags


class HashtagGroupForm(forms.Form):
    name = forms.CharField(max_length=60, label=gettext_lazy("Name"))
    hashtags = forms.CharField(
        label=gettext_lazy("Hashtags"),
        max_length=4000,
        help_text=gettext_lazy("Each begins with #. Put spaces, commas or new lines between them."),
        widget=forms.Textarea(
            attrs={
                "rows": 3,
                "autocapitalize": "none",
                "spellcheck": "false",
                "data-counts-hashtags": "hashtag-count",
            }
        ),
    )

    def clean_hashtags(self) -> list[str]:
        words = split_hashtags(self.cleaned_data["hashtags"])
        if not words:
            raise forms.ValidationError(gettext("Enter at least one hashtag."))
        if problems := check_hashtags(words):
            raise forms.ValidationError(problems)
        return words
