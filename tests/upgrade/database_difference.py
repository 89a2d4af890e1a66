"""What a module has added to a database, as SQL that adds the same to another one of the same Odoo series.

The other database may number its records differently, so what belongs to Odoo is named by its external identifier and
looked up when the SQL runs; rows that the module added to Odoo's tables get numbers beyond all that are in use. Tables of
the module's own keep their numbers.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from psycopg2.extensions import QuotedString

from scripts.postgres import Cluster

SHIFT = 1_000_000
# Rows that the module's own refer to and that nobody named. Everything else without a name is left out.
FOLLOWED = {"product_product", "product_template", "mrp_production", "res_company", "res_partner", "res_users"}
# Made anew by every update, or nothing that an update reads.
LEFT_OUT = {"ir_attachment", "ir_cron_trigger", "bus_bus", "mail_message", "mail_followers", "mail_notification", "res_users_log"}
# Of Odoo's tables: who wrote when, and a view's text once more.
LEFT_OUT_COLUMNS = {"create_uid", "create_date", "write_uid", "write_date", "arch_prev"}
LOOK_UP = """
CREATE FUNCTION pg_temp.ref(named text) RETURNS int STRICT STABLE LANGUAGE sql AS
$$ SELECT res_id FROM ir_model_data WHERE module = split_part(named, '.', 1) AND name = substr(named, strpos(named, '.') + 1) $$;
"""


@dataclass
class Side:
    """One of the two databases."""

    cluster: Cluster
    name: str

    def rows(self, query: str, *parameters: object) -> list[tuple]:
        return self.cluster.execute(query, *parameters, database=self.name)

    @cached_property
    def columns(self) -> dict[str, dict[str, tuple[str, bool, str | None]]]:
        """Type, whether it is required, and default of each column, by table."""
        found: dict[str, dict[str, tuple[str, bool, str | None]]] = defaultdict(dict)
        for table, column, kind, required, default in self.rows(
            """SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                      pg_get_expr(d.adbin, d.adrelid)
                 FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                 LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped
             ORDER BY c.relname, a.attnum"""
        ):
            found[table][column] = kind, required, default
        return found

    @cached_property
    def references(self) -> dict[str, dict[str, str]]:
        """The table that a column refers to, by table and column."""
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for table, column, target in self.rows(
            """SELECT k.conrelid::regclass::text, a.attname, k.confrelid::regclass::text
                 FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
                WHERE k.contype = 'f' AND cardinality(k.conkey) = 1"""
        ):
            found[table][column] = target
        return found


@dataclass
class Difference:
    """See the module."""

    base: Side
    full: Side
    module: str
    rows: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))  # to be written, by table

    @cached_property
    def own_tables(self) -> list[str]:
        return sorted(set(self.full.columns) - set(self.base.columns))

    @cached_property
    def _table_of(self) -> dict[str, str]:
        """The table of each model; those of actions are called otherwise than their model."""
        renamed = {"ir.actions.act_window": "ir_act_window", "ir.actions.server": "ir_act_server", "ir.actions.client": "ir_act_client"}
        models = self.full.rows("SELECT model FROM ir_model")
        return {model: renamed.get(model, model.replace(".", "_")) for (model,) in models}

    @cached_property
    def _names(self) -> dict[tuple[str, int], str]:
        """External identifier of each record that is Odoo's."""
        named = self.full.rows("SELECT model, res_id, module || '.' || name FROM ir_model_data WHERE module <> %s ORDER BY id DESC", self.module)
        return {(self._table_of.get(model, ""), res_id): name for model, res_id, name in named}

    @cached_property
    def _base_ids(self) -> dict[str, set[int]]:
        return {
            table: {row[0] for row in self.base.rows(f'SELECT id FROM "{table}"')}
            for table, columns in self.base.columns.items()
            if "id" in columns
        }

    def sql(self) -> str:
        self._choose_rows()
        parts = [
            LOOK_UP,
            *self._definitions(),
            *self._added_columns(),
            # Rows refer to each other in circles; none of these triggers does anything but check references.
            "SET session_replication_role = replica;",
            *(statement for table in sorted(self.rows) for statement in self._inserts(table)),
            *self._relations(),
            "SET session_replication_role = DEFAULT;",
            *self._constraints(),
            *self._sequences(),
        ]
        return "\n".join(part.strip() for part in parts) + "\n"

    def _choose_rows(self) -> None:
        for table in self.own_tables:
            if "id" in self.full.columns[table]:
                self.rows[table] = {row[0] for row in self.full.rows(f'SELECT id FROM "{table}"')}
        for id_, model, res_id in self.full.rows("SELECT id, model, res_id FROM ir_model_data WHERE module = %s", self.module):
            self.rows["ir_model_data"].add(id_)
            table = self._table_of.get(model)
            if table and res_id and res_id not in self._base_ids.get(table, ()) and table not in self.own_tables:
                self.rows[table].add(res_id)
        waiting = [(table, id_) for table, ids in self.rows.items() for id_ in ids]
        while waiting:
            table, id_ = waiting.pop()
            references = {name: target for name, target in self.full.references[table].items() if target in FOLLOWED}
            if not references:
                continue
            names = ", ".join(f'"{name}"' for name in references)
            for target, value in zip(references.values(), self.full.rows(f'SELECT {names} FROM "{table}" WHERE id = %s', id_)[0], strict=True):
                if value and value not in self.rows[target] and value not in self._base_ids[target]:
                    self.rows[target].add(value)
                    waiting.append((target, value))

    def _id(self, table: str, id_: int) -> int:
        return id_ if table in self.own_tables else id_ + SHIFT

    def _reference(self, table: str, id_: int) -> str | None:
        """SQL for a record's number in the other database, None when nothing is known there that it could be."""
        if id_ in self.rows.get(table, ()):
            return str(self._id(table, id_))
        if name := self._names.get((table, id_)):
            return f"pg_temp.ref('{name}')"
        return None

    def _roundabout(self, target: str, id_: int) -> str:
        """SQL for a record without a name that one with a name refers to, as a warehouse does to its operation types."""
        for table, references in self.base.references.items():
            for column in (name for name, referred in references.items() if referred == target):
                if "id" in self.base.columns[table]:
                    for (source,) in self.base.rows(f'SELECT id FROM "{table}" WHERE "{column}" = %s', id_):
                        if named := self._names.get((table, source)):
                            return f"(SELECT {column} FROM {table} WHERE id = pg_temp.ref('{named}'))"
        raise ValueError(f"record {id_} of {target} is needed, and neither it nor what refers to it has a name")

    def _definitions(self) -> Iterator[str]:
        for table in self.own_tables:
            columns = []
            for name, (kind, required, default) in self.full.columns[table].items():
                if default and "nextval" in default:
                    kind, default = "serial", None
                columns.append(f'"{name}" {kind}{f" DEFAULT {default}" if default else ""}{" NOT NULL" if required else ""}')
            yield f'CREATE TABLE "{table}" ({", ".join(columns)});'

    def _added_columns(self) -> Iterator[str]:
        """Columns in Odoo's own tables, with the value that all records there have."""
        for table, columns in self.full.columns.items():
            for name in sorted(set(columns) - set(self.base.columns.get(table, columns))):
                kind, required, _default = columns[name]
                values = self.full.rows(f'SELECT DISTINCT "{name}" FROM "{table}"')
                if len(values) > 1:
                    raise ValueError(f"{table}.{name} has different values, which of them records of Odoo's have is not known")
                yield f'ALTER TABLE "{table}" ADD COLUMN "{name}" {kind};'
                if values and values[0][0] is not None:
                    yield f'UPDATE "{table}" SET "{name}" = {literal(values[0][0])};'
                if required:
                    yield f'ALTER TABLE "{table}" ALTER COLUMN "{name}" SET NOT NULL;'

    def _inserts(self, table: str) -> Iterator[str]:
        if not self.rows[table] or table in LEFT_OUT:
            return
        columns = self.full.columns[table]
        # JSON as its text, which psycopg2 would turn into objects.
        chosen = ", ".join(f'"{name}"::text' if columns[name][0] in ("jsonb", "json") else f'"{name}"' for name in columns)
        found: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for row in self.full.rows(f'SELECT {chosen} FROM "{table}" WHERE id = ANY(%s) ORDER BY id', sorted(self.rows[table])):
            values = dict(zip(columns, row, strict=True))
            written = {name: text for name, value in values.items() if (text := self._written(table, values, name, value)) is not None}
            found[tuple(written)].append(f"({', '.join(written.values())})")
        for names, rows in found.items():
            listed = ", ".join(f'"{name}"' for name in names)
            yield f'INSERT INTO "{table}" ({listed}) VALUES\n' + ",\n".join(rows) + ";"

    def _written(self, table: str, row: dict[str, Any], name: str, value: Any) -> str | None:
        """A value as SQL, None to leave it out."""
        if value is None or (name in LEFT_OUT_COLUMNS and table not in self.own_tables):
            return None
        if name == "id":
            return str(self._id(table, value))
        if table == "ir_model_data" and name == "res_id":
            return self._reference(self._table_of.get(row["model"], ""), value) or str(value)
        if target := self.full.references[table].get(name):
            text = self._reference(target, value)
            return self._roundabout(target, value) if text is None and self.full.columns[table][name][1] else text
        if table not in self.own_tables:
            value = self._renumbered(table, name, value)
        return literal(value)

    def _renumbered(self, table: str, name: str, value: Any) -> Any:
        """Numbers of the module's own records inside of texts: menus name their action, views those behind buttons."""

        def action(number: str) -> str:
            known = any(int(number) in self.rows.get(kind, ()) for kind in ("ir_act_window", "ir_act_server", "ir_act_client"))
            return str(int(number) + SHIFT) if known else number

        if table == "ir_ui_menu" and name == "action":
            return re.sub(r"\d+$", lambda found: action(found[0]), value)
        if table == "ir_ui_view" and name == "arch_db":
            value = re.sub(r"\\n +", r"\\n", value)  # a quarter of the whole file would be indentation
            return re.sub(r'(name=\\"|%\()(\d+)(?=\\"|\))', lambda found: found[1] + action(found[2]), value)
        if name == "parent_path":
            ids = [int(part) for part in value.strip("/").split("/")]
            if not set(ids) <= self.rows[table]:
                raise ValueError(f"{table}.parent_path {value} goes through records that are not the module's")
            return "".join(f"{id_ + SHIFT}/" for id_ in ids)
        return value

    def _relations(self) -> Iterator[str]:
        """Tables that only relate two records, where one of them is written here."""
        for table, columns in self.full.columns.items():
            ends = self.full.references.get(table, {})
            if "id" in columns or len(columns) != 2 or len(ends) != 2 or table in LEFT_OUT:
                continue
            names = list(columns)
            pairs = []
            for row in self.full.rows(f'SELECT "{names[0]}", "{names[1]}" FROM "{table}" ORDER BY 1, 2'):
                ours = [id_ in self.rows.get(ends[name], ()) for name, id_ in zip(names, row, strict=True)]
                if any(ours):
                    texts = [self._reference(ends[name], id_) for name, id_ in zip(names, row, strict=True)]
                    if None not in texts:
                        pairs.append(f"({', '.join(map(str, texts))})")
            if pairs:
                yield f'INSERT INTO "{table}" ({", ".join(names)}) VALUES {", ".join(pairs)};'

    def _constraints(self) -> Iterator[str]:
        """Of the module's own tables and columns: keys first, then what refers to them, then indexes."""
        for table, name, definition in self.full.rows(
            """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
                WHERE contype IN ('p', 'u', 'c', 'f') AND connamespace = 'public'::regnamespace
             ORDER BY position(contype::text IN 'pucf'), 1, 2"""
        ):
            if table in self.own_tables:
                yield f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition};'
        for table, definition in self.full.rows(
            """SELECT tablename, indexdef FROM pg_indexes i WHERE schemaname = 'public'
                  AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = indexname) ORDER BY indexname"""
        ):
            if table in self.own_tables:
                yield definition + ";"
        # Odoo compares these with its code's definitions; an index without a comment it would leave as it is for ever.
        for table, kind, _name, comment in self.full.rows(
            """SELECT i.indrelid::regclass::text, 'INDEX ' || quote_ident(c.relname), c.relname AS name, d.description
                 FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                 JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass
                UNION ALL
               SELECT k.conrelid::regclass::text, format('CONSTRAINT %I ON %I', k.conname, k.conrelid::regclass::text), k.conname, d.description
                 FROM pg_constraint k JOIN pg_description d ON d.objoid = k.oid AND d.classoid = 'pg_constraint'::regclass
             ORDER BY name"""
        ):
            if table in self.own_tables:
                yield f"COMMENT ON {kind} IS {literal(comment)};"
        for table, options in self.full.rows("SELECT relname, array_to_string(reloptions, ', ') FROM pg_class WHERE reloptions IS NOT NULL"):
            if table in self.own_tables:
                yield f'ALTER TABLE "{table}" SET ({options});'

    def _sequences(self) -> Iterator[str]:
        for table in sorted(self.rows):
            default = self.full.columns[table]["id"][2] or ""
            sequence = re.search(r"nextval\('(\w+)'", default)
            if sequence and self.rows[table] and table not in LEFT_OUT:
                # Tables may share a sequence.
                yield f"SELECT setval('{sequence[1]}', greatest((SELECT last_value FROM {sequence[1]}), (SELECT max(id) FROM \"{table}\")));"


def literal(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, dict | list):
        value = json.dumps(value)
    quoted = QuotedString(str(value))
    quoted.encoding = "utf-8"
    return quoted.getquoted().decode()
