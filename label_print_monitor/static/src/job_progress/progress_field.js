import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** "150 of 200" with a thin bar below it, in the width of one column. Nothing under way, no bar. */
export class ProgressField extends Component {
    static template = "label_print_monitor.ProgressField";
    static props = { ...standardFieldProps, percentField: { type: String } };

    get text() {
        return this.props.record.data[this.props.name] || "";
    }

    get percent() {
        const percent = this.props.record.data[this.props.percentField] || 0;
        return Math.round(Math.min(Math.max(percent, 0), 100));
    }

    get hasBar() {
        return this.percent > 0 && this.percent < 100;
    }
}

export const progressField = {
    component: ProgressField,
    supportedTypes: ["char"],
    listViewWidth: [80],
    extractProps: ({ options }) => ({ percentField: options.percent_field || "progress_percent" }),
    fieldDependencies: ({ options }) => [
        { name: options.percent_field || "progress_percent", type: "float", readonly: true },
    ],
};

registry.category("fields").add("label_print_progress", progressField);
