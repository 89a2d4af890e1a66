import { registry } from "@web/core/registry";
import { BadgeField, badgeField } from "@web/views/fields/badge/badge_field";

/** A job's status as a badge, and below it in few words why nothing is printed of it yet. */
export class StatusField extends BadgeField {
    static template = "label_print_monitor.StatusField";

    get reason() {
        return this.props.record.data.waits_because || "";
    }
}

export const statusField = {
    ...badgeField,
    component: StatusField,
    supportedTypes: ["selection"],
    fieldDependencies: [{ name: "waits_because", type: "char", readonly: true }],
};

registry.category("fields").add("label_print_status", statusField);
