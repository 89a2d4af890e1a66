import { Component, onWillUpdateProps, toRaw, useEffect, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { usePopover } from "@web/core/popover/popover_hook";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { LabelPictureDialog } from "../label_picture/label_picture_dialog";
import { readOfJob } from "../label_picture/picture_buttons";
import { countByState, expandAccount, groupLabels } from "./label_account";
import { LabelLegend } from "./label_legend";
import { describeLabel, getStateLabel, isolate } from "./label_looks";
import { LabelSquares } from "./label_squares";
import { LabelStory } from "./label_story";
import { LabelTable } from "./label_table";
import { useAccountRefresh } from "./use_account_refresh";
import { getJobId, useLabelNames } from "./use_label_names";
import { useLabelStory } from "./use_label_story";

/** While a job has one of these, its print server may know more than Odoo. */
const UNDER_WAY = ["sent", "queued", "printing"];

const GROUPINGS = [
    { by: "plain", label: _t("Plain") },
    { by: "box", label: _t("By box") },
    { by: "lot", label: _t("By lot") },
];

/** Every label of a job as a small square that shows its state; a press tells its story. It moves live. */
export class LabelGridField extends Component {
    static template = "label_print_monitor.LabelGridField";
    static components = { LabelLegend, LabelSquares, LabelStory, LabelTable };
    static props = { ...standardFieldProps, jobField: String };

    setup() {
        this.orm = useService("orm");
        this.ui = useService("ui");
        this.dialog = useService("dialog");
        this.groupings = GROUPINGS;
        this.state = useState({ by: "plain", isTable: false, hasPanel: false });
        this.names = useLabelNames(() => ({ names: this.value?.names, jobId: this.jobId }));
        this.labelStory = useLabelStory({
            getJobId: () => this.jobId,
            onChanged: () => this.readAgain(),
            onLeave: () => this.closeStory(),
        });
        this.popover = usePopover(LabelStory, {
            position: "bottom-middle",
            popoverClass: "o_label_print_story_popover",
            onClose: () => this.labelStory.forget(),
        });
        useAccountRefresh("root", () => this.refresh());
        onWillUpdateProps(({ record }) => {
            if (record.resId !== this.props.record.resId) {
                this.closeStory();
            }
        });
        // The panel covers the lower half of the screen.
        useEffect(
            (hasPanel) => {
                if (hasPanel) {
                    this.opener.scrollIntoView({ block: "start" });
                }
            },
            () => [this.state.hasPanel, this.openIndex]
        );
        // The open story is read again when its own label has changed, not with each of the others.
        let seen = null;
        useEffect(
            (index, now) => {
                if (index !== null && seen?.index === index && seen.now !== now) {
                    this.labelStory.reload();
                }
                seen = { index, now };
            },
            () => [this.openIndex, JSON.stringify(this.labels[this.openIndex - 1] || null)]
        );
    }

    get jobId() {
        return getJobId(this.props.record, this.props.jobField);
    }

    get value() {
        return this.props.record.data[this.props.name];
    }

    get labels() {
        const value = toRaw(this.value);
        if (!this.expanded || this.expanded.value !== value) {
            this.expanded = { value, labels: expandAccount(value) };
        }
        return this.expanded.labels;
    }

    get counts() {
        return countByState(this.labels).map(({ state, count }) => ({
            state,
            count,
            label: this.getStateLabel(state),
        }));
    }

    get groups() {
        const { by } = this.state;
        return groupLabels(this.labels, by, this.names.names).map((group) => ({
            ...group,
            title: group.key === "all" ? "" : this.getTitle(by, group.name),
        }));
    }

    get copiedCount() {
        return this.labels.filter((label) => label.copies).length;
    }

    get openIndex() {
        return this.labelStory.story.index;
    }

    get gridLabel() {
        return _t("Labels of this print job");
    }

    getTitle(by, name) {
        if (by === "box") {
            return name ? _t("Box %(box)s", { box: name }) : _t("Without box");
        }
        return name ? _t("Lot %(lot)s", { lot: name }) : _t("Without lot");
    }

    getStateLabel(state) {
        return getStateLabel(this.value, state);
    }

    describe(label, wrap) {
        return describeLabel(label, {
            stateLabel: this.getStateLabel(label.state),
            names: this.names.names,
            wrap,
        });
    }

    hint(label) {
        return this.describe(label, isolate);
    }

    setGrouping(by) {
        this.state.by = by;
        if (by !== "plain") {
            this.names.load(true);
        }
    }

    toggleTable() {
        this.state.isTable = !this.state.isTable;
        if (this.state.isTable) {
            this.names.load(true);
        }
    }

    openStory(index, { target }) {
        if (!this.jobId) {
            return;
        }
        this.opener = target;
        this.popover.close();
        this.labelStory.open(index);
        this.state.hasPanel = this.ui.isSmall;
        if (!this.state.hasPanel) {
            this.popover.open(target, this.storyProps);
        }
    }

    get storyProps() {
        const { story, reload, perform } = this.labelStory;
        return {
            story,
            perform,
            retry: reload,
            close: () => this.closeStory(),
            showPicture: (index) => this.showPicture(index),
        };
    }

    showPicture(index) {
        this.closeStory();
        this.dialog.add(
            LabelPictureDialog,
            {
                read: readOfJob(this.orm, this.jobId),
                indexes: this.labels.map((label) => label.index),
                index,
            },
            { onClose: () => this.opener.focus() } // the story, whose button was pressed, is gone
        );
    }

    closeStory() {
        const { hasPanel } = this.state;
        this.state.hasPanel = false;
        this.popover.close();
        this.labelStory.forget();
        if (hasPanel) {
            this.opener.focus();
        }
    }

    /** What was done shows at once, also where the bus is slow; what the user has typed elsewhere stays. */
    async readAgain() {
        const { model } = this.props.record;
        await (model.refresh ? model.refresh() : model.root.load());
    }

    /** Let Odoo ask the print server what it knows of each label. How well that goes is said above the form. */
    async refresh() {
        if (this.jobId && UNDER_WAY.includes(this.props.record.data.status)) {
            try {
                await this.orm.silent.call("label.print.job", "refresh_label_account", [
                    [this.jobId],
                ]);
            } catch {
                return;
            }
        }
    }
}

export const labelGridField = {
    component: LabelGridField,
    displayName: _t("Label grid"),
    supportedTypes: ["json"],
    extractProps: ({ options }) => ({ jobField: options.job_field || "job_id" }),
    fieldDependencies: [{ name: "status", type: "selection", readonly: true }],
};

registry.category("fields").add("label_print_label_grid", labelGridField);
