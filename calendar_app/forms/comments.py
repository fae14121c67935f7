"""What a person says about a post."""

from django import forms
from django.utils.translation import gettext_lazy

from publishing.models import MAX_COMMENT


class CommentForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Comment"),
        error_messages={"required": gettext_lazy("Write something first.")},
        widget=forms.Textarea(
            attrs={
                "rows": 3,
                # Hints only: a browser counts a line break as one or two characters.
                "data-most": MAX_COMMENT,
                "placeholder": gettext_lazy("Write a comment. @name calls somebody."),
            }
        ),
    )
