"""Every line of access_matrix.txt, tried; and that no model, field, method or route of the addon is without a line.

Two checks go with each method that is refused: nothing has been written, and no print server has been asked.
"""

import inspect
import json
import re
from contextlib import closing, contextmanager
from unittest.mock import patch

from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw, get_public_method
from odoo.sql_db import Cursor
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .access_records import MARK, ROLES, AccessCase, line, read_table

MODULE = "label_print_monitor"
OPERATIONS = ("create", "read", "write", "unlink")
SECRETS = ("loopback-key", "the-secret", "its-own-secret")


class AccessAttempts(AccessCase):
    """How a line is tried, as RPC does it, for whichever user."""

    @contextmanager
    def attempt(self):
        """Undone afterwards; collects statements that change rows, and requests to a print server."""
        execute, changes = Cursor.execute, []
        before = len(self.remote.requests)

        def noting(cursor, query, *arguments, **options):
            code = query.code if isinstance(query, SQL) else str(query)
            if re.match(r"\s*(INSERT|UPDATE|DELETE)\b", code):
                changes.append(code.split("\n")[0][:100])
            return execute(cursor, query, *arguments, **options)

        with closing(self.env.cr.savepoint()):
            self.env.invalidate_all()
            with patch.object(Cursor, "execute", noting), mute_logger("odoo.models", "odoo.addons.base.models.ir_rule"):
                yield changes
                changes += self.remote.requests[before:]
        self.env.invalidate_all(flush=False)

    def outcome(self, do, untouched=False):
        """One word for what comes of it, and what it returned.

        :param bool untouched: whether a refusal must come first; Odoo's own `create` checks record rules at its end
        """
        with self.attempt() as changes:
            try:
                result = do()
                self.env.flush_all()
            except AccessError:
                return (f"no-but:{changes}" if changes and untouched else "no"), None
            except UserError:
                return "never", None
            except Exception as error:  # noqa: BLE001 - whoever lacks a right meets an AccessError, no other traceback
                return type(error).__name__, None
            return "yes", result

    def call(self, user, record, method, arguments=()):
        """As RPC calls it."""
        model = self.env[record] if isinstance(record, str) else record
        ids = [] if isinstance(record, str) else [model.ids]
        bound = model.browse().with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
        return call_kw(bound, method, [*ids, *arguments], {})

    def dialog(self, model, user):
        """A dialog that ``user`` has opened; somebody else's when they may open none."""
        if model == "label.print.wizard.lot":
            return self.env[model].create({"wizard_id": self.dialog("label.print.wizard", user).id, "name": "X"})
        values = self.new_values(model)
        try:
            with self.env.cr.savepoint():
                own = self.env[model].with_user(user).create(values)
                self.env.flush_all()
        except AccessError:
            own = self.env[model].create(values)
        self.env.invalidate_all()
        return self.env[model].browse(own.id)

    def try_record(self, subject, operation, user):
        model = subject.partition(" ")[0]
        Model = self.env[model]
        if Model._abstract:
            return self.outcome(lambda: Model.with_user(user).check_access("read"))[0]
        if operation == "create":
            if model == "label.print.wizard.lot":
                wizard = self.dialog("label.print.wizard", user)
                values = {"wizard_id": wizard.id, "name": "X", "quantity": 1}
            else:
                values = self.new_values(subject if "(" in subject else model)
            return self.outcome(lambda: self.call(user, model, "create", [values]))[0]
        if Model._transient:
            with closing(self.env.cr.savepoint()):
                own = self.try_operation(user, self.dialog(model, user), operation)
                other = self.try_operation(user, self.dialog(model, self.env.user), operation)
            self.env.invalidate_all(flush=False)
            return {("yes", "no"): "own", ("no", "no"): "no"}.get((own, other), f"{own}/{other}")
        # A printer with jobs cannot be deleted by anybody, nor one that is reserved at a shared print server.
        unused = operation == "unlink" and subject == "printer.configuration"
        return self.try_operation(user, self.unused_printer if unused else self.record(subject), operation)

    def try_operation(self, user, record, operation):
        model = record._name
        if operation == "read":
            names = [name for name, field in record._fields.items() if not field.groups]
            word = self.outcome(lambda: self.call(user, record, "read", [names]))[0]
            found, ids = self.outcome(lambda: self.call(user, model, "search", [[["id", "in", record.ids]]]))
            if word == "no" and found == "yes" and ids and not record._transient:
                return "found"  # a search must not tell that there is something
            return word
        if operation == "write":
            return self.outcome(lambda: self.call(user, record, "write", [self.changed_values(model)]))[0]
        return self.outcome(lambda: self.call(user, record, "unlink"))[0]

    def try_field(self, subject, operation, user):
        model, _dot, name = subject.rpartition(".")
        if model == "res.users":
            own, other = (
                self.outcome(lambda record=record: self.access_field(user, record, name, operation))[0]
                for record in (user, self.user)
            )
            return own if own == other else {("yes", "no"): "own"}.get((own, other), f"{own}/{other}")
        with closing(self.env.cr.savepoint()):
            if self.env[model]._transient:
                record = self.dialog(model, user)
            else:
                record = self.record(f"{model} (shared)" if model == "label.print.server" else model)
            word, result = self.outcome(lambda: self.access_field(user, record, name, operation))
        self.env.invalidate_all(flush=False)
        return "tells-secrets" if any(secret in json.dumps(result, default=str) for secret in SECRETS) else word

    def access_field(self, user, record, name, operation):
        if operation == "read":
            return self.call(user, record, "read", [[name]])
        field = record._fields[name]
        value = {
            "boolean": True, "char": "https://127.0.0.1:1", "one2many": [], "many2many": [], "many2one": False,
        }.get(field.type)  # fmt: skip
        if field.type == "selection":
            value = field.get_values(self.env)[-1]
        return self.call(user, record, "write", [{name: value}])

    def try_method(self, subject, method, user):
        record, arguments = self.call_of(subject, method)
        with closing(self.env.cr.savepoint()):
            if record is False:
                record = self.dialog(subject, user)
            word, result = self.outcome(
                lambda: self.call(user, record or subject, method, arguments), method != "create"
            )
        self.env.invalidate_all(flush=False)
        said = json.dumps(result, default=str)
        if user.company_id == self.elsewhere and MARK in said:
            return "tells"
        return word if not any(secret in said for secret in SECRETS) else "tells-secrets"


@tagged("post_install", "-at_install")
class TestAccessMatrix(AccessAttempts):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.table = read_table()

    def is_ours(self, class_):
        return class_.__module__.startswith(f"odoo.addons.{MODULE}.")

    def own_models(self):
        return sorted(name for name, model in self.registry.items() if model._original_module == MODULE)

    def public_methods(self):
        """What classes of the addon define and RPC can call: ``(model, method)``."""
        found = set()
        for name, model in self.registry.items():
            for class_ in filter(self.is_ours, model.mro()):
                for method, value in vars(class_).items():
                    if not inspect.isfunction(value) or method.startswith("_"):
                        continue
                    if model._abstract and hasattr(self.registry["base"], method):
                        continue  # it has no records of its own
                    try:
                        get_public_method(self.env[name], method)
                    except AccessError:
                        continue
                    found.add((name, method))
        return found

    def guarded_fields(self):
        """Fields that the addon adds to other models, and those of its own that not everybody may read.

        :return: ``(model.field, "read" or "write")``; computed fields without an inverse cannot be written
        """
        found = set()
        for name, model in self.registry.items():
            if name in ("res.groups",) or model._abstract:
                continue
            for field in model._fields.values():
                if field._module == MODULE and (model._original_module != MODULE or field.groups):
                    found.add((f"{name}.{field.name}", "read"))
                    if not field.readonly:
                        found.add((f"{name}.{field.name}", "write"))
        return found

    def routes(self):
        return {
            (route, kind)
            for class_ in http.Controller.children_classes[MODULE]
            for method in vars(class_).values()
            if hasattr(method, "original_routing")
            for route in method.original_routing["routes"]
            for kind in ("unsigned", "signed")
        }

    def assert_complete(self, section, found):
        missing, gone = sorted(found - self.table[section].keys()), sorted(self.table[section].keys() - found)
        words = "".join(f"\n  {' '.join(key)}" for key in missing)
        self.assertFalse(missing, f"without a line in [{section}] of access_matrix.txt, which says who may:{words}")
        self.assertFalse(gone, f"lines of [{section}] whose subject is gone")

    def test_no_model_is_without_a_line(self):
        found = set()
        for name in self.own_models():
            subjects = {subject for subject, _op in self.table["records"] if subject.partition(" ")[0] == name} or {
                name
            }
            operations = ("read",) if self.env[name]._abstract else OPERATIONS
            found |= {(subject, operation) for subject in subjects for operation in operations}
        self.assert_complete("records", found)

    def test_no_field_is_without_a_line(self):
        self.assert_complete("fields", self.guarded_fields())

    def test_no_public_method_is_without_a_line(self):
        self.assert_complete("methods", self.public_methods())

    def test_no_route_is_without_a_line(self):
        self.assert_complete("routes", self.routes())

    def assert_section(self, section, try_line):
        """Try each line for each role, in its own company and in another one, and compare the words."""
        wrong = []
        for (subject, operation), (words, elsewhere) in self.table[section].items():
            found, found_elsewhere = {}, set()
            for role in ROLES:
                found[role] = try_line(subject, operation, self.people[role, self.company])
                there = try_line(subject, operation, self.people[role, self.elsewhere])
                if found[role] not in ("no", "never") or there not in ("no", "never"):
                    found_elsewhere.add({"no": "hidden", found[role]: "same"}.get(there, there))
            words_elsewhere = "+".join(sorted(found_elsewhere)) or "-"
            if (found, words_elsewhere) != (words, elsewhere):
                wrong.append(f"is    {line(subject, operation, found, words_elsewhere)}")
                wrong.append(f"table {line(subject, operation, words, elsewhere)}")
        self.assertFalse(wrong, "\n" + "\n".join(wrong))

    def test_records(self):
        self.assert_section("records", self.try_record)

    def test_fields(self):
        self.assert_section("fields", self.try_field)

    def test_methods(self):
        self.assert_section("methods", self.try_method)


@tagged("post_install", "-at_install")
class TestCorePages(AccessCase):
    """People outside our groups meet nothing of ours on Odoo's own pages."""

    OUTSIDE = ("employee", "mrp", "admin")

    def test_all_that_is_offered_can_be_read(self):
        """As an export, an import or an integration reads: all fields that `fields_get` names."""
        stock = self.people["mrp", self.company].copy({"login": "lpm_stock"})
        stock.group_ids = self.env.ref("stock.group_stock_user")
        for user in (self.people["mrp", self.company], stock):
            for record in (self.order, self.lot, user):
                record = record.with_user(user)
                if not record.has_access("read"):
                    continue
                for name in record.fields_get(attributes=["type"]):
                    with self.subTest(user=user.login, record=record, field=name):
                        self.env.invalidate_all()
                        try:
                            record.read([name])
                            record.web_read({name: {}})
                        except AccessError as error:
                            # Odoo's own rights: workorders of an order, the log of a user.
                            self.assertNotEqual(record._fields[name]._module, MODULE)
                            self.assertNotRegex(str(error), "label.print|printer.configuration")

    def test_views_open(self):
        for role in self.OUTSIDE:
            user = self.people[role, self.company]
            for model in ("mrp.production", "stock.lot", "res.users", "res.config.settings"):
                Model = self.env[model].with_user(user)
                if not Model.has_access("read"):
                    continue
                with self.subTest(role=role, model=model):
                    Model.get_views([(False, "form"), (False, "list"), (False, "search")])
                    if model == "res.config.settings":
                        Model.create({}).execute()
