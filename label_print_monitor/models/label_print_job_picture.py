"""A picture of a label: what a browser needs to draw it. The drawing itself is `static/src/label_picture/`.

One label in each read: the ZPL of a whole job may have megabytes.
"""

from odoo import api, models

from ..services.label_files.label_hashes import hash_of
from ..services.label_files.label_picture import size_of, words_of
from ..services.lifecycle.order_labels import label_entries, lot_of


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    @api.readonly
    def get_label_picture(self, index):
        """What a picture of one label is drawn from, read with the reader's own rights.

        :param int index: the label, counted from 1
        :return: see `_picture`; where the label's ZPL is no longer kept, its specimen's
        """
        self.ensure_one()
        self.check_access("read")
        index = int(index)
        labels = label_entries(self.labels_data)
        own = labels[index - 1] if 1 <= index <= len(labels) else {}
        box, lot = str(own.get("box_number") or ""), lot_of(own)
        name = " · ".join(
            filter(
                None,
                [
                    self.env._("Box %(box)s", box=box) if box else "",
                    self.env._("Lot %(lot)s", lot=lot) if lot else "",
                ],
            )
        )
        zpl = own.get("zpl_code")
        if isinstance(zpl, str) and zpl:
            note = ""
            if (kept := self._hash_of_label(index)) and kept != hash_of(zpl):
                note = self._words_of_other_zpl()
            return self._picture(zpl, self._resolution(), name=name, note=note)
        if self.zpl_removed_date and own:
            return self._picture_of_specimen(index, own, name)
        return self._no_picture(self.env._("No ZPL is kept for this label, so there is no picture of it."), name=name)

    @api.model
    def _words_of_other_zpl(self):
        return self.env._("This ZPL is not the one that was sent: its hash differs from the one that was kept.")

    def _picture_of_specimen(self, index, label, name):
        """The picture of the specimen that was kept of the label's template and product."""
        Specimen = self.env["label.print.specimen"]
        if not Specimen.has_access("read"):
            return self._no_picture(
                self.env._(
                    "The ZPL of this label is no longer kept. Label Print Users see a specimen of its template and "
                    "product."
                ),
                name=name,
            )
        product = self._product_of_specimen(label)
        specimen = Specimen.search([("key", "=", self.sudo()._specimen_key(product))], limit=1)
        if not specimen:
            return self._no_picture(
                self.env._("The ZPL of this label is no longer kept, and there is no specimen of it."), name=name
            )
        if not specimen._is_as_sent():
            note = self._words_of_other_zpl()
        elif specimen.label_hash == self._hash_of_label(index):
            note = self.env._(
                "The ZPL of this job is no longer kept. The specimen that is drawn has the hash of this label: they "
                "are alike."
            )
        else:
            note = self.env._(
                "The ZPL of this label is no longer kept. What is drawn is the specimen of its template and product: "
                "label %(number)s of %(job)s.",
                number=specimen.label_index,
                job=specimen.job_id.display_name or self.env._("a job that was deleted"),
            )
        return self._picture(specimen.zpl, specimen._resolution() or self._resolution(), name=name, note=note)

    def _resolution(self):
        """The printer's, in dots per inch; the printer may be one that the reader does not see."""
        return self.sudo().printer_id.dpi

    @api.model
    def _picture(self, zpl, resolution, name="", note=""):
        """What a browser draws a label from, and what it says beside the picture, in the reader's language.

        :param zpl: one label
        :param resolution: of its printer in dots per inch, False where it is not known
        :param name: box and lot
        :param note: what else has to be said of the picture
        :return: ``{zpl, width, length, dots, cuts_width, cuts_length, size, name, says, note, problem, words}``; width
            and length in mm, `dots` in each mm, `cuts_width` and `cuts_length` whether the picture ends behind what
            is drawn, `says` the label's own words, `problem` why there is no ZPL to draw
        """
        size = size_of(zpl, resolution)
        if size.knows_width and size.knows_length:
            words = self.env._(
                "%(width)s × %(length)s mm, %(dots)s dots in each mm",
                width=round(size.width), length=round(size.length), dots=size.dots,
            )  # fmt: skip
        else:
            words = self.env._(
                "The ZPL does not say how large the label is: the picture ends where nothing more is printed. %(dots)s "
                "dots in each mm.",
                dots=size.dots,
            )
        return {
            "zpl": zpl,
            "width": size.width,
            "length": size.length,
            "dots": size.dots,
            "cuts_width": not size.knows_width,
            "cuts_length": not size.knows_length,
            "size": words,
            "name": name,
            "says": words_of(zpl),
            "note": note,
            "problem": "",
            "words": self._picture_words(),
        }

    @api.model
    def _no_picture(self, problem, name=""):
        """As `_picture`, where there is nothing to draw."""
        numbers = dict.fromkeys(("width", "length", "dots"), 0)
        cuts = {"cuts_width": False, "cuts_length": False}
        texts = {"zpl": "", "size": "", "name": name, "says": "", "note": "", "problem": problem}
        return {**numbers, **cuts, **texts, "words": self._picture_words()}

    @api.model
    def _picture_words(self):
        """What a browser says of a picture and of what goes wrong with it: the evidence page has no translations."""
        return {
            "approximation": self.env._("Approximation: the printer may draw it differently."),
            "drawing": self.env._("Drawing the label…"),
            "alt": self.env._("Picture of the label, an approximation."),
            "alt_says": self.env._("It says:"),
            "missing": self.env._(
                "The label renderer is not installed: the file %(file)s is missing. Everything else works without it. "
                "Ask an administrator to install the addon from the zip that “make addon” builds, or to run “make "
                "renderer”."
            ),
            "broken": self.env._(
                "The label renderer is damaged: %(file)s is not the file that belongs to this version. Ask an "
                "administrator to install the addon from the zip that “make addon” builds, or to run “make renderer”."
            ),
            "unreachable": self.env._(
                "The label renderer could not be fetched from Odoo. Check the connection, then try again."
            ),
            "no_webassembly": self.env._(
                "This browser does not run WebAssembly, which the label renderer needs. Use a current browser, or have "
                "an administrator look whether a policy of the company or of a proxy forbids it."
            ),
            "not_drawn": self.env._(
                "This label cannot be drawn here: %(reason)s. A printer may still print it. Copy its ZPL to try it "
                "elsewhere, or look at a printed label."
            ),
            "blank": self.env._("Nothing of this label would be seen on paper: its ZPL draws nothing here."),
            "late": self.env._(
                "Drawing this label was stopped after %(seconds)s seconds. A printer may still print it. Copy its ZPL "
                "to try it elsewhere, or look at a printed label."
            ),
        }
