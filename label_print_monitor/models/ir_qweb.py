"""Render label templates so that names can be told from ZPL.

QWeb escapes values for HTML, in text reports, too: on a label “Mac & Cheese” would read “Mac &amp; Cheese”, and a lot
named ``A~JA`` would be a command. Here each value is marked instead, and written as ZPL once it is known where it
stands (see services/label_files). Templates need no change; only rendering with ``label_print_zpl`` in the context is
different.
"""

from markupsafe import Markup
from odoo import models

from ..services.label_files.marked_text import mark

CONTEXT_KEY = "label_print_zpl"
# The function's name in the template's values; the compiled code calls it.
MARK = "label_print_mark"


def mark_value(value):
    """A value as it is put into a label; what the template itself has made stays as it is."""
    if value is None or value is False or hasattr(value, "__html__"):
        return value
    return Markup(mark(str(value)))  # noqa: S704  marked characters mean nothing in HTML


class IrQweb(models.AbstractModel):
    _inherit = "ir.qweb"

    def _get_template_cache_keys(self):
        return [*super()._get_template_cache_keys(), CONTEXT_KEY]

    def _compile_directive_out(self, el, compile_context, level):
        if self.env.context.get(CONTEXT_KEY) and el.attrib.get("t-consumed-options") != "True":
            for name in ("t-out", "t-esc"):
                expression = el.attrib.get(name)
                if expression and expression != "0":  # 0 is the body of a call: template, not value
                    el.attrib[name] = f"{MARK}({expression})"
        return super()._compile_directive_out(el, compile_context, level)

    def _get_field(self, record, field_name, expression, tagName, field_options, values):
        attributes, content, force = super()._get_field(record, field_name, expression, tagName, field_options, values)
        return attributes, self._label_print_content(content), force

    def _get_widget(self, value, expression, tagName, field_options, values):
        attributes, content, force = super()._get_widget(value, expression, tagName, field_options, values)
        return attributes, self._label_print_content(content), force

    def _label_print_content(self, content):
        """A formatted field as plain text, marked; in other reports as it is."""
        if not content or not self.env.context.get(CONTEXT_KEY):
            return content
        return mark_value(Markup(content).striptags())  # noqa: S704  read as HTML to make a text of it
