import { Component, toRaw, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useInputField } from "@web/views/fields/input_field_hook";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { countByState, expandAccount, groupLabels, indexSet } from "./label_account";
import { LabelLegend } from "./label_legend";
import { describeLabel, getStateLabel, isolate } from "./label_looks";
import { expandRange, formatRuns, parseRuns } from "./label_runs";
import { LabelSquares } from "./label_squares";
import { useChoice } from "./use_choice";
import { getJobId, useLabelNames } from "./use_label_names";
import { useWrittenFields } from "./use_written_fields";

let lastId = 0;

/** Label numbers, "3, 9–11", chosen in the grid or typed; both always say the same. */
export class LabelChooserField extends Component {
    static template = "label_print_monitor.LabelChooserField";
    static components = { LabelLegend, LabelSquares };
    static props = { ...standardFieldProps, gridField: String, jobField: String };

    setup() {
        this.id = `o_label_print_chooser_${++lastId}`;
        this.input = useRef("input");
        // What is being typed shows in the grid at once; its mistakes are told once it is complete.
        this.state = useState({ typed: null, problem: "" });
        this.written = useWrittenFields(() => this.props.record);
        this.choice = useChoice({
            getChosen: () => this.chosen,
            isAllowed: (index) => !this.allowed || this.allowed.has(index),
            set: (indexes) => this.choose(indexes),
        });
        this.names = useLabelNames(() => ({
            names: this.value?.names,
            jobId: getJobId(this.props.record, this.props.jobField),
        }));
        useInputField({
            ref: this.input,
            getValue: () => this.text,
            parse: (text) => this.parse(text),
        });
        // Once the input shows what the record has, nothing is being typed.
        useEffect(() => {
            if (this.state.typed !== null && this.input.el?.value === this.text) {
                this.state.typed = null;
            }
        });
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

    get allowed() {
        return indexSet(this.value, "selectable");
    }

    get missing() {
        return indexSet(this.value, "missing");
    }

    get text() {
        return this.written.get(this.props.name);
    }

    get parsed() {
        return parseRuns(this.state.typed ?? this.text, this.labels.length, this.allowed);
    }

    get chosen() {
        return new Set(this.parsed.indexes);
    }

    get problem() {
        return this.state.typed === null ? this.parsed.problem : this.state.problem;
    }

    get groups() {
        return groupLabels(this.labels, "plain", null).map((group) => ({ ...group, title: "" }));
    }

    get counts() {
        return countByState(this.labels).map(({ state, count }) => ({
            state,
            count,
            label: getStateLabel(this.value, state),
        }));
    }

    get countText() {
        const { size } = this.chosen;
        if (!size) {
            return _t("No label chosen");
        }
        return size === 1 ? _t("1 label chosen") : _t("%(count)s labels chosen", { count: size });
    }

    get rangeText() {
        const { anchor } = this.choice.state;
        return anchor === null ? _t("From … to …") : _t("From %(number)s to …", { number: anchor });
    }

    get gridLabel() {
        return _t("Choose labels");
    }

    describe(label, wrap) {
        return describeLabel(label, {
            stateLabel: getStateLabel(this.value, label.state),
            names: this.names.names,
            wrap,
        });
    }

    hint(label) {
        return this.describe(label, isolate);
    }

    /**
     * @param {string} text as typed
     * @returns {string} as it is kept; throws when it cannot be, so that the field is invalid
     */
    parse(text) {
        const { indexes, problem } = parseRuns(text, this.labels.length, this.allowed);
        this.state.problem = problem;
        if (problem) {
            throw new Error(problem);
        }
        return formatRuns(indexes);
    }

    onInput(ev) {
        this.state.typed = ev.target.value;
        if (!this.parsed.problem) {
            this.state.problem = "";
        }
    }

    choose(indexes) {
        const { record, name } = this.props;
        const text = formatRuns(indexes);
        Object.assign(this.state, { typed: null, problem: "" });
        record.resetFieldValidity(name);
        this.input.el.value = text;
        return this.written.set({ [name]: text });
    }

    chooseAll() {
        this.choice.forget();
        const all = this.labels.length ? expandRange(1, this.labels.length) : [];
        return this.choose(all.filter((index) => !this.allowed || this.allowed.has(index)));
    }

    chooseNone() {
        this.choice.forget();
        return this.choose([]);
    }

    chooseMissing() {
        this.choice.forget();
        return this.choose(
            [...this.missing].filter((index) => !this.allowed || this.allowed.has(index))
        );
    }
}

export const labelChooserField = {
    component: LabelChooserField,
    displayName: _t("Label chooser"),
    supportedTypes: ["char"],
    extractProps: ({ options }) => ({
        gridField: options.grid_field,
        jobField: options.job_field || "job_id",
    }),
    fieldDependencies: ({ options }) => [
        { name: options.grid_field, type: "json", readonly: true },
    ],
};

registry.category("fields").add("label_print_label_chooser", labelChooserField);
