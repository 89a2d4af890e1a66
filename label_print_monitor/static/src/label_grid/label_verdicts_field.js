import { Component, toRaw, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { localization } from "@web/core/l10n/localization";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { findNeighbour } from "./grid_keys";
import { expandAccount, indexSet } from "./label_account";
import { formatRuns, parseRuns } from "./label_runs";
import { LabelVerdictRow } from "./label_verdict_row";
import { giveVerdict, listVerdict, readVerdicts } from "./label_verdicts";
import { getJobId, useLabelNames } from "./use_label_names";
import { useWrittenFields } from "./use_written_fields";

let lastId = 0;

/** Labels that may or may not be on paper: somebody looks and says so, one by one, a range, or all at once. */
export class LabelVerdictsField extends Component {
    static template = "label_print_monitor.LabelVerdictsField";
    static components = { LabelVerdictRow };
    static props = {
        ...standardFieldProps,
        gridField: String,
        otherField: String,
        jobField: String,
    };

    setup() {
        this.id = `o_label_print_verdicts_${++lastId}`;
        this.list = useRef("list");
        this.state = useState({ range: "", problem: "", tabStop: null });
        this.written = useWrittenFields(() => this.props.record);
        this.names = useLabelNames(() => ({
            names: this.value?.names,
            jobId: getJobId(this.props.record, this.props.jobField),
        }));
        this.names.load();
    }

    get value() {
        return this.props.record.data[this.props.gridField];
    }

    get labels() {
        const value = toRaw(this.value);
        if (!this.expanded || this.expanded.value !== value) {
            this.expanded = { value, labels: expandAccount(value) };
        }
        return this.expanded.labels;
    }

    /** @returns {Set<number>} what the server asks about, else all that is uncertain */
    get asked() {
        const isAsked = indexSet(this.value, "asked");
        const labels = this.labels.filter(({ index, state }) =>
            isAsked ? isAsked.has(index) : state === "uncertain"
        );
        return new Set(labels.map(({ index }) => index));
    }

    get verdicts() {
        const [onPaper, notOnPaper] = [this.props.name, this.props.otherField].map(
            (name) => parseRuns(this.written.get(name), this.labels.length).indexes
        );
        return readVerdicts(onPaper, notOnPaper, this.asked);
    }

    /** @returns {{ rows: Object[], columns: Object }} everything the table shows, made once for each rendering */
    get table() {
        const { verdicts } = this;
        const { names } = this.names;
        const asked = [...this.asked];
        const [stopIndex, stopVerdict] = this.state.tabStop || [asked[0], "on"];
        const rows = asked.map((index) => ({
            index,
            box: names?.boxes?.[index - 1] || "",
            lot: names?.lots?.[index - 1] || "",
            problem: this.labels[index - 1].problem,
            verdict: verdicts.get(index) || "",
            tabStop: index === stopIndex ? stopVerdict : "",
        }));
        const columns = {
            box: rows.some(({ box }) => box),
            lot: rows.some(({ lot }) => lot),
            problem: rows.some(({ problem }) => problem),
        };
        return { rows, columns };
    }

    get countText() {
        const [given, all] = [this.verdicts.size, this.asked.size];
        return _t("%(given)s of %(all)s answered", { given, all });
    }

    get readonlyText() {
        const { name, otherField } = this.props;
        return _t("On paper: %(present)s. Not on paper: %(missing)s.", {
            present: this.written.get(name) || "–",
            missing: this.written.get(otherField) || "–",
        });
    }

    save(verdicts) {
        return this.written.set({
            [this.props.name]: formatRuns(listVerdict(verdicts, "on")),
            [this.props.otherField]: formatRuns(listVerdict(verdicts, "off")),
        });
    }

    giveAll(verdict) {
        return this.save(giveVerdict(this.verdicts, this.asked, verdict));
    }

    giveRange(verdict) {
        const { indexes, problem } = parseRuns(this.state.range, this.labels.length, this.asked);
        this.state.problem =
            problem || (indexes.length ? "" : _t("Which labels? For example 9–11."));
        if (this.state.problem) {
            return;
        }
        this.state.range = "";
        return this.save(giveVerdict(this.verdicts, indexes, verdict));
    }

    /** With the shift key all from the one pressed before get the same; pressed again, an answer is taken back. */
    onClick(ev) {
        const button = ev.target.closest("button[data-index]");
        if (!button) {
            return;
        }
        const index = Number(button.dataset.index);
        const { verdict } = button.dataset;
        if (ev.shiftKey && this.anchor) {
            const [first, last] = [Math.min(this.anchor, index), Math.max(this.anchor, index)];
            const between = [...this.asked].filter((number) => number >= first && number <= last);
            this.save(giveVerdict(this.verdicts, between, verdict));
        } else {
            const isPressed = this.verdicts.get(index) === verdict;
            this.save(giveVerdict(this.verdicts, [index], isPressed ? null : verdict));
        }
        this.anchor = index;
    }

    /** One tab stop for all rows: nobody tabs through a thousand buttons. */
    onFocusin(ev) {
        const button = ev.target.closest("button[data-index]");
        if (button) {
            this.state.tabStop = [Number(button.dataset.index), button.dataset.verdict];
        }
    }

    onKeydown(ev) {
        const button = ev.target.closest("button[data-index]");
        if (!button || ev.altKey || ev.metaKey) {
            return;
        }
        const buttons = [...this.list.el.querySelectorAll("button[data-index]")];
        const next = findNeighbour(buttons, button, ev, localization.direction === "rtl");
        if (next) {
            ev.preventDefault();
            ev.stopPropagation();
            next.focus();
        }
    }

    onRangeKeydown(ev) {
        if (ev.key === "Enter") {
            ev.preventDefault();
            ev.stopPropagation();
        }
    }
}

export const labelVerdictsField = {
    component: LabelVerdictsField,
    displayName: _t("Labels on paper or not"),
    supportedTypes: ["char"],
    extractProps: ({ options }) => ({
        gridField: options.grid_field,
        otherField: options.other_field,
        jobField: options.job_field || "job_id",
    }),
    fieldDependencies: ({ options }) => [
        { name: options.grid_field, type: "json", readonly: true },
        // What a widget depends on is read only, and so not saved, unless it says otherwise.
        { name: options.other_field, type: "char", readonly: false },
    ],
};

registry.category("fields").add("label_print_label_verdicts", labelVerdictsField);
