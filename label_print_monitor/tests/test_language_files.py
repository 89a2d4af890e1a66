"""The .pot holds what the addon says, and each .po reaches Odoo: field labels, views, menus, Python and JavaScript."""

import re
from collections import defaultdict
from pathlib import Path

import polib
from odoo.modules import get_module_path
from odoo.tests import TransactionCase
from odoo.tools.translate import TranslationModuleReader

MODULE = "label_print_monitor"
LANGUAGES = {"de": "de_DE", "es": "es_ES", "fr": "fr_FR"}
# Fields that our models get from mail's mixins: other modules (sms, rating) add to them, which is not our text.
OF_MIXINS = re.compile(r"\.field_\w+?__(?:message|activity|my_activity|website_message|rating)_\w+$")


class TestLanguageFiles(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = Path(get_module_path(MODULE)) / "i18n"
        cls.env.flush_all()

    def read(self, name):
        return polib.pofile(str(self.folder / name))

    def exported(self, lang=None):
        """The addon's texts as Odoo's own export finds them: ``{text: [(kind, where, translation), …]}``."""
        found = defaultdict(list)
        for _module, kind, name, where, source, value, _comments in TranslationModuleReader(
            self.env.cr, [MODULE], lang
        ):
            found[source].append((kind, f"{name}:{where}", value))
        return found

    def test_the_template_is_current(self):
        exported = self.exported()
        template = {entry.msgid: entry for entry in self.read(f"{MODULE}.pot")}
        new = [
            f"{text!r} ({rows[0][1]})"
            for text, rows in exported.items()
            if text not in template and not all(OF_MIXINS.search(where) for _kind, where, _value in rows)
        ]
        gone = [
            repr(text)
            for text, entry in template.items()
            if text not in exported and not all(OF_MIXINS.search(where) for where, _line in entry.occurrences)
        ]
        self.assertFalse(
            new + gone,
            "`make translations` renews the template.\nNot in it yet:\n{}\nNo longer said:\n{}".format(
                "\n".join(new), "\n".join(gone)
            ),
        )

    def test_each_translation_arrives(self):
        for name, lang in LANGUAGES.items():
            with self.subTest(lang):
                self.env["res.lang"]._activate_lang(lang)
                self.env["ir.module.module"]._load_module_terms([MODULE], [lang], overwrite=True)
                self.env.invalidate_all()
                translated = {entry.msgid: entry.msgstr for entry in self.read(f"{name}.po")}
                lost = [
                    f"{text!r} ({where}): {value!r}"
                    for text, rows in self.exported(lang).items()
                    for _kind, where, value in rows
                    if text in translated and value != translated[text] and (value or text != translated[text])
                ]
                self.assertFalse(lost, "In Odoo these are not what {}.po says:\n{}".format(name, "\n".join(lost)))
                job = self.env["label.print.job"].with_context(lang=lang)
                status = dict(job.fields_get(["status"])["status"]["selection"])
                self.assertEqual(status["failed"], translated["Failed"])
                self.assertIn(translated["Print History"], job.get_view(view_type="pivot")["arch"])
